/**
 * Which resolution of a multi-scale image is read (cli-and-io.md §4.8).
 *
 * @module
 */
import { UserError } from "../../array/mod.ts";
import { type ReadContext, shapeText } from "../reader.ts";

/** A resolution. */
export interface Level {
  /** Its path in the image. */
  readonly key: string;
  /** Sizes in the order of the file. */
  readonly shape: readonly number[];
}

/**
 * The position of the wanted level: by key, else by number; the only one; the last one in compat mode. Says which one
 * it is where there is a choice.
 *
 * @throws {UserError} kind `usage` when it must be said, or does not exist
 */
export function chooseScale(
  path: string,
  levels: readonly Level[],
  { scale, compat, warn, info }: ReadContext,
): number {
  const list = levels.map(({ key, shape }) => `\`${key}\` (${shapeText(shape)})`).join(", ");
  if (scale !== undefined) {
    const byKey = levels.findIndex(({ key }) => key === scale);
    const chosen = byKey >= 0 ? byKey : /^\d+$/.test(scale) ? Number(scale) : -1;
    const level = levels[chosen];
    if (level !== undefined) {
      info(`\`${path}\`: scale \`${level.key}\` (${shapeText(level.shape)}) of ${levels.length} is read`);
      return chosen;
    }
    throw new UserError("usage", `\`${path}\` has no scale \`${scale}\``, { hint: `pick one: ${list}` });
  }
  if (levels.length === 1) return 0;
  if (compat && levels.length > 0) {
    const last = levels.length - 1;
    warn(`\`${path}\`: the lowest resolution \`${levels[last]?.key}\` is read, as the original does`);
    return last;
  }
  throw new UserError("usage", `\`${path}\` has ${levels.length} scales: ${list}`, {
    hint: `pick one, for example \`--scale=${levels[0]?.key}\``,
  });
}

/**
 * Words of the command line -> lanes: one row of inputs, one file per role.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import type { Role, Workflow } from "../workflows/mod.ts";
import type { Request } from "./parse.ts";

/** Texts of one lane's inputs, one per role in the order of the workflow; `undefined` where a role has none. */
export type LaneTexts = readonly (string | undefined)[];

/** The word that stands for standard input. */
export const STDIN = "-";

/** What messages call an input. */
export function inputName(text: string): string {
  return text === STDIN ? "stdin" : text;
}

/** What messages call a lane: its first input. */
export function laneName(texts: LaneTexts | undefined): string {
  return inputName(texts?.[0] ?? "");
}

/** Roles that callers confuse -> what they may mean instead (cli-and-io.md §2.1). */
const ROLE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  prediction_maps: ["probabilities"],
  probabilities: ["prediction_maps"],
  binary_image: ["segmentation_image"],
  segmentation_image: ["binary_image"],
  raw_data: ["input_data"],
};

/**
 * Sorts files into lanes (cli-and-io.md §2.2).
 *
 * @param compat a flag of the first role replaces plain files (D36) instead of being an error
 * @returns the lanes and warnings
 * @throws {UserError} kind `usage`
 */
export function makeLanes(
  request: Request,
  workflow: Workflow,
  compat: boolean,
): { lanes: readonly LaneTexts[]; warnings: readonly string[] } {
  const byRole = new Map<string, readonly string[]>();
  for (const [flag, files] of request.roles) {
    const role = roleOf(flag, workflow);
    if (byRole.has(role)) throw new UserError("usage", `--${flag} and --${role} name the same role`);
    byRole.set(role, files);
  }
  const [first, ...others] = workflow.roles;
  if (first === undefined) return { lanes: [], warnings: [] };
  if (request.files.length > 0) {
    if (byRole.has(first.flag) && !compat) {
      throw new UserError(
        "usage",
        `inputs are given both as plain files (\`${request.files[0]}\`) and by --${first.flag}`,
        {
          hint: `give all of them behind --${first.flag}`,
        },
      );
    }
    if (!byRole.has(first.flag)) byRole.set(first.flag, request.files);
  }
  const main = byRole.get(first.flag) ?? [];
  const warnings: string[] = [];
  for (const role of others) {
    const count = byRole.get(role.flag)?.length ?? 0;
    if (count > main.length || (role.required && count !== main.length)) {
      throw countError(role, count, first, main.length);
    }
    if (count > 0 && count < main.length) {
      warnings.push(
        `only ${count} of ${main.length} inputs have a --${role.flag}; the later ones are processed without`,
      );
    }
  }
  return { lanes: main.map((_, i) => workflow.roles.map((role) => byRole.get(role.flag)?.[i])), warnings };
}

function roleOf(flag: string, workflow: Workflow): string {
  const flags = workflow.roles.map((role) => role.flag);
  const found = [flag, ...(ROLE_ALIASES[flag] ?? [])].find((name) => flags.includes(name));
  if (found !== undefined) return found;
  throw new UserError("usage", `a \`${workflow.title}\` project takes no --${flag}`, {
    hint: `its roles are ${flags.map((name) => `--${name}`).join(", ")}`,
  });
}

function countError({ flag, required }: Role, count: number, main: Role, mainCount: number): UserError {
  const found = count === 0
    ? `no --${flag} is given for ${mainCount} inputs`
    : `${count} files for --${flag}, ${mainCount} for --${main.flag}`;
  const hint = required
    ? `this project needs one --${flag} for every --${main.flag}`
    : `give at most one --${flag} for every --${main.flag}`;
  return new UserError("usage", found, { hint });
}

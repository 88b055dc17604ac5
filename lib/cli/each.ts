/**
 * Patterns and lists whose files are inputs of their own, not slices of a stack.
 *
 * @module
 */
import { findInputs } from "../inputs/mod.ts";
import { STDIN } from "./lanes.ts";
import type { Request } from "./parse.ts";
import type { Folders } from "./paths.ts";

/**
 * With `--each`, puts every file that a word stands for in the place of the word.
 *
 * @throws {UserError} kind `input` when a word stands for nothing
 */
export async function withEachMatch(
  request: Request,
  { homeFolder }: Folders,
  compat: boolean,
): Promise<Request> {
  if (!request.options.has("each")) return request;
  const expand = async (texts: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for (const text of texts) {
      if (text === STDIN) {
        found.push(text);
        continue;
      }
      found.push(
        ...await findInputs({
          text,
          naturalSort: request.options.has("natural_sort"),
          ...(homeFolder === undefined ? {} : { home: homeFolder }),
          compat,
          // Only stacks need all numbers, and in order.
          warn: () => {},
        }),
      );
    }
    return found;
  };
  const roles = new Map<string, readonly string[]>();
  for (const [flag, texts] of request.roles) roles.set(flag, await expand(texts));
  return { ...request, files: await expand(request.files), roles };
}

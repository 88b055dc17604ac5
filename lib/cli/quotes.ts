/**
 * Quotes that reach us literally, from callers that start programs without a shell (cli-and-io.md §1.2).
 *
 * @module
 */
import type { Request } from "./parse.ts";

/** A request without literal quotes around values, unless a file of that very name exists; `--verbose` tells it. */
export function withoutQuotes(request: Request, exists: (path: string) => boolean): Request {
  const details: string[] = [];
  const bare = (text: string): string => {
    const inside = /^(["'])(.+)\1$/s.exec(text)?.[2];
    if (inside === undefined || exists(text)) return text;
    details.push(`quotes around ${text} are left out: there is no file of that name`);
    return inside;
  };
  return {
    ...request,
    options: new Map([...request.options].map(([name, value]) => [name, bare(value)])),
    roles: new Map([...request.roles].map(([name, files]) => [name, files.map(bare)])),
    files: request.files.map(bare),
    details,
  };
}

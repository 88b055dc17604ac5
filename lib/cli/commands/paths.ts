/**
 * Paths on the command lines of sub-commands.
 *
 * @module
 */

/** A path with its leading `~` replaced; some callers have no shell that does it. */
export function expandHome(path: string, homeFolder: string | undefined): string {
  return homeFolder !== undefined && /^~(?=$|[/\\])/.test(path) ? homeFolder + path.slice(1) : path;
}

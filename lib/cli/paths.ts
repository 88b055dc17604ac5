/**
 * Paths on the command line.
 *
 * @module
 */
import { resolve } from "@std/path";

/** What paths on the command line start from. */
export interface Folders {
  /** Folder that relative paths start from. */
  readonly currentFolder: string;
  /** What `~` stands for; `undefined` when it is unknown. */
  readonly homeFolder: string | undefined;
}

/** The absolute path of a word; a leading `~` is the home folder, since shells do not replace it behind `=`. */
export function absolutePath(path: string, { currentFolder, homeFolder }: Folders): string {
  const expanded = homeFolder !== undefined && /^~(?=$|[/\\])/.test(path) ? homeFolder + path.slice(1) : path;
  return resolve(currentFolder, expanded);
}

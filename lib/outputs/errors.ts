/**
 * Errors of writing, in words for the user.
 *
 * @module
 */
import { errorText, UserError } from "../array/mod.ts";

const NO_ROOM = "free some space or write to another disk; --dry_run says how much is needed and free";

/** What HDF5 says of a file that another program has locked. */
export const LOCKED = /unable to lock file.*temporarily unavailable/i;

/** Causes that the system names by a code or a class, in plain words. */
const CAUSES: readonly (readonly [test: RegExp, words: string, hint?: string])[] = [
  [/ENOSPC|os error 28\)|no space left/i, "no space left on the disk", NO_ROOM],
  [/EDQUOT|os error 122\)|quota exceeded/i, "the disk quota is used up", NO_ROOM],
  [/EROFS|os error 30\)|read-only file system/i, "the file system is read-only"],
  [/EACCES|EPERM|PermissionDenied|os error (13|1)\)|permission denied/i, "no permission to write there"],
  [/ENAMETOOLONG|os error 36\)/i, "the name is too long"],
  [/EISDIR|os error 21\)/i, "it is a folder"],
  [/ENOTDIR|NotADirectory|os error 20\)/i, "a part of the path is a file, not a folder"],
  [/EFBIG|os error 27\)/i, "the file system does not allow files this large"],
  [
    /EMFILE|os error 24\)|too many open files/i,
    "too many files are open at once",
    "write fewer channels in one run with --cutout_subregion=c=0:50, or raise the limit with ulimit -n",
  ],
  [/EIO\b|os error 5\)/i, "the disk reports an input/output error"],
  [LOCKED, "another program has it open for writing", "close it there, or write to another file"],
];

/**
 * Makes anything that was thrown while writing an error for the user.
 *
 * @param path the output
 * @param error what was thrown
 */
export function outputError(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const text = `${error instanceof Error ? error.name : ""} ${errorText(error)}`;
  const [, words, hint] = CAUSES.find(([test]) => test.test(text)) ?? [undefined, errorText(error)];
  return new UserError(
    "output",
    `cannot write ${path}: ${words}`,
    hint === undefined ? { cause: error } : { hint, cause: error },
  );
}

/** Runs a piece of writing; what it throws becomes an error for the user. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw outputError(path, error);
  }
}

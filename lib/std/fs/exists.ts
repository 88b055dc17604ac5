/** What kind of entry has to be there. */
export interface ExistsOptions {
  /** Only a folder counts. @default {false} */
  isDirectory?: boolean;
  /** Only a regular file counts. @default {false} */
  isFile?: boolean;
}

function matches(info: Deno.FileInfo, options: ExistsOptions): boolean {
  if (options.isDirectory && options.isFile) {
    throw new TypeError("ExistsOptions.options.isDirectory and ExistsOptions.options.isFile must not be true together");
  }
  return !(options.isDirectory && !info.isDirectory) && !(options.isFile && !info.isFile);
}

/** A path through something that is no folder does not exist either. */
function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/**
 * Tells whether a file or folder exists; links are followed.
 *
 * @param path the path
 * @param options the kind that counts
 * @returns whether it is there
 */
export async function exists(path: string | URL, options: ExistsOptions = {}): Promise<boolean> {
  try {
    return matches(await Deno.stat(path), options);
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/**
 * Like {@linkcode exists}, synchronous.
 *
 * @param path the path
 * @param options the kind that counts
 * @returns whether it is there
 */
export function existsSync(path: string | URL, options: ExistsOptions = {}): boolean {
  try {
    return matches(Deno.statSync(path), options);
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

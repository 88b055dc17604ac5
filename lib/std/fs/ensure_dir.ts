/**
 * Makes sure that a folder exists; makes it and its parents if need be.
 *
 * @param dir the folder
 * @throws {Error} if something else than a folder has that name
 */
export async function ensureDir(dir: string | URL): Promise<void> {
  try {
    await Deno.mkdir(dir, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new Error(`Failed to ensure directory exists: expected 'dir', got something else: '${dir}'`, {
      cause: error,
    });
  }
}

/**
 * A list of files with their checksums, kept beside them: by it a damaged or half-written folder is noticed.
 *
 * @module
 */
import { walk } from "@std/fs";
import { sha256 } from "./run.ts";

/** What a folder holds. */
export interface Manifest {
  /** Checksum over all files' checksums. */
  readonly buildId: string;
  /** Path below the folder, to size and checksum. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

/** The list's file name. */
const NAME = "manifest.json";

/**
 * Reads a folder's list.
 *
 * @param folder the folder
 * @returns the list; undefined if there is none that can be read
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${folder}/${NAME}`)) as Manifest;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Paths of all files in a folder.
 *
 * @param folder the folder
 * @returns paths below it, sorted
 */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(walk(folder, { includeDirs: false }));
  return entries.map(({ path }) => path.slice(folder.length + 1)).sort();
}

/**
 * Writes a folder's list, if it is not there just so.
 *
 * @param folder the folder
 * @param files paths below it
 * @returns the list
 */
export async function writeManifest(folder: string, files: readonly string[]): Promise<Manifest> {
  const entries = files.map((file) => {
    const bytes = Deno.readFileSync(`${folder}/${file}`);
    return [file, { bytes: bytes.length, sha256: sha256(bytes) }] as const;
  });
  const buildId = sha256(JSON.stringify(entries));
  const manifest: Manifest = { buildId, files: Object.fromEntries(entries) };
  if ((await readManifest(folder))?.buildId !== buildId) {
    await Deno.writeTextFile(`${folder}/${NAME}.part`, `${JSON.stringify(manifest, undefined, 2)}\n`);
    await Deno.rename(`${folder}/${NAME}.part`, `${folder}/${NAME}`);
  }
  return manifest;
}

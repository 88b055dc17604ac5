/**
 * Planes of an image that is spread over several TIFF files.
 *
 * @module
 */
import { TiffFile, type TiffPage } from "../../../ffi/tiff.ts";
import type { Dtype } from "../../array/mod.ts";
import { KeptOpen } from "../kept_open.ts";
import { native, openPlanes, type Planes } from "./planes.ts";

/** A page and the file that it lies in. */
export interface FilePage {
  /** The page. */
  readonly page: TiffPage;
  /** Absolute path of its file. */
  readonly path: string;
}

/** Files that stay open for the next read. */
const KEPT = 32;

/**
 * Opens the planes of several files; each file is opened when it is read.
 *
 * @param path the file that is open already
 * @param file it itself; it is closed with the planes
 * @param used the pages that may be read
 * @param letters axes of a page
 * @throws {UserError} kind `input` when the first file ends before its pages do
 */
export async function planesOfFiles(
  path: string,
  file: TiffFile,
  used: readonly FilePage[],
  letters: string,
  dtype: Dtype,
): Promise<Planes> {
  const paths = [...new Set([path, ...used.map((one) => one.path)])];
  const numbers = new Map(paths.map((one, i) => [one, i]));
  const fileOf = new Map(used.map((one) => [one.page, numbers.get(one.path) as number]));
  const pagesOf = (name: string) => used.filter((one) => one.path === name).map(({ page }) => page);
  const own = await openPlanes(path, file, pagesOf(path), letters, dtype);
  const others = new KeptOpen(async (index) => {
    const name = paths[index] as string;
    return await openPlanes(name, await native(name, () => TiffFile.open(name)), pagesOf(name), letters, dtype);
  }, KEPT);
  return {
    read: (page, start, stop, signal) => {
      const number = fileOf.get(page) ?? 0;
      return number === 0
        ? own.read(page, start, stop, signal)
        : others.use(number, (planes) => planes.read(page, start, stop, signal));
    },
    async close() {
      await own.close();
      await others.close();
    },
  };
}

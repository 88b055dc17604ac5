/**
 * What the pages of TIFF files are like.
 *
 * @module
 */
import { TiffFile, type TiffPage } from "../../../ffi/tiff.ts";
import { native } from "./planes.ts";
import type { PageInfo } from "./series.ts";

/** Files are described this many at a time. */
const AT_ONCE = 8;

/**
 * All pages of a file.
 *
 * @throws {UserError} kind `input`
 */
export async function describePages(path: string, file: TiffFile): Promise<readonly TiffPage[]> {
  const count = await native(path, () => file.count());
  const pages: TiffPage[] = [];
  for (let i = 0; i < count; i++) pages.push(await native(path, () => file.page(i), i));
  return pages;
}

/**
 * All pages of each of several files.
 *
 * @throws {UserError} kind `input`
 */
export async function describeOthers(paths: readonly string[]): Promise<(readonly TiffPage[])[]> {
  const all: (readonly TiffPage[])[] = [];
  for (let i = 0; i < paths.length; i += AT_ONCE) {
    all.push(
      ...await Promise.all(
        paths.slice(i, i + AT_ONCE).map(async (path) => {
          await using file = await native(path, () => TiffFile.open(path));
          return await describePages(path, file);
        }),
      ),
    );
  }
  return all;
}

/**
 * The description of the first page; empty without one, `undefined` when there is no such file.
 *
 * @throws {UserError} kind `input` when it is no TIFF file
 */
export async function firstDescription(path: string): Promise<string | undefined> {
  if (!await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return undefined;
  await using file = await native(path, () => TiffFile.open(path));
  const page = await native(path, () => file.page(0), 0);
  return page.description ?? "";
}

/** What a series needs to know of a page. */
export function toInfo(page: TiffPage): PageInfo {
  return { ...page, planar: page.planar === 2 && page.samples > 1 };
}

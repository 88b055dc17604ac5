/**
 * TIFF images: pages through libtiff, read by region (cli-and-io.md §4.4).
 *
 * @module
 */
import { TiffFile, type TiffPage } from "../../../ffi/tiff.ts";
import { type Axes, type AxisKey, type Dtype, dtypeInfo, elementCount, type SourceMeta } from "../../array/mod.ts";
import { boxShape, copyBlock, createBlock, elementOffset, rowMajorStrides } from "../box.ts";
import { guarded, inputError } from "../input_error.ts";
import { checkShape, type ReadContext } from "../reader.ts";
import { readLayout } from "../strided_file.ts";
import type { StoredArray, StoredBlock } from "../types.ts";
import { closeBoth, isPlain, layoutOf, native, openPlanes, openRaw, type PlaneReader } from "./planes.ts";
import { type FilePage, planesOfFiles } from "./file_set.ts";
import { imagejSeries } from "./imagej.ts";
import { omeSeries, readOme } from "./ome.ts";
import { describeOthers, describePages, toInfo } from "./pages.ts";
import { plainSeries, samePage, type Series, settle } from "./series.ts";
import { shapedSeries } from "./shaped.ts";

/**
 * Opens the first series of a TIFF file.
 *
 * @throws {UserError} kind `input`
 */
export async function openTiff(path: string, _inner: string, context: ReadContext): Promise<StoredArray> {
  const file = await native(path, () => TiffFile.open(path));
  try {
    return await guarded(path, () => firstSeries(path, file, context));
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function firstSeries(path: string, file: TiffFile, context: ReadContext): Promise<StoredArray> {
  const own = await describePages(path, file);
  const [first] = own;
  if (first === undefined) throw inputError(path, "it has no pages");
  const infos = own.map(toInfo);
  const description = first.description ?? "";
  const ome = await readOme(path, description);
  const files = [own, ...await describeOthers(ome?.others ?? [])];
  const series = (ome && omeSeries(path, ome, files.map((pages) => pages.map(toInfo)), context.warn)) ??
    imagejSeries(description, infos, { x: first.xResolution, y: first.yResolution }) ??
    shapedSeries(path, description, infos) ?? plainSeries(path, infos);
  const pages = files.flatMap((some, i) => some.map((page) => ({ page, path: ome?.others[i - 1] ?? path })));
  checkPages(path, series, pages, first);
  const settled = settle(path, series);
  checkShape(path, settled.shape);
  const dtype: Dtype = first.bits === 1 ? "bool" : readable(path, first);
  const { shape } = settled;
  const common = {
    shape,
    dtype,
    axes: settled.axes,
    axesExplicit: settled.axesExplicit,
    imageFile: false,
    chunk: chunkOf(first, series, shape, dtype),
    meta: metaOf(series.meta, settled.axes),
  };
  if (series.follows) {
    const layout = { ...layoutOf(first, dtype), strides: rowMajorStrides(shape) };
    const raw = await openRaw(path, [{ page: first, bytes: elementCount(shape) * dtypeInfo(dtype).bytes }]);
    return {
      ...common,
      read: (start, stop, signal) => readLayout(raw, layout, start, stop, signal),
      close: () => closeBoth(raw, file),
    };
  }
  const used = [...new Set(series.pages)].flatMap((index) => pages[index] ?? []);
  const planes = ome === undefined || ome.others.length === 0
    ? await openPlanes(path, file, used.map(({ page }) => page), series.page, dtype)
    : await planesOfFiles(path, file, used, series.page, dtype);
  const all = pages.map(({ page }) => page);
  return {
    ...common,
    ...(ome === undefined || ome.others.length === 0 ? {} : { otherFiles: ome.others }),
    read: (start, stop, signal) => readPages(planes.read, all, series, shape, dtype, start, stop, signal),
    close: () => planes.close(),
  };
}

/** Sizes and positions of axes that the series does not have are dropped. */
function metaOf(meta: SourceMeta, axes: Axes): SourceMeta {
  const only = <T>(values: Readonly<Partial<Record<AxisKey, T>>>) =>
    Object.fromEntries(Object.entries(values).filter(([axis]) => axes.some((own) => own === axis)));
  return {
    ...meta,
    ...(meta.pixelSize === undefined ? {} : { pixelSize: only(meta.pixelSize) }),
    ...(meta.units === undefined ? {} : { units: only(meta.units) }),
    ...(meta.origin === undefined ? {} : { origin: only(meta.origin) }),
  };
}

function checkPages(path: string, series: Series, pages: readonly FilePage[], first: TiffPage): void {
  for (const index of new Set(series.pages)) {
    const used = index < 0 ? { page: first, path } : pages[index] as FilePage;
    readable(used.path, used.page);
    if (samePage(toInfo(used.page), toInfo(first))) continue;
    const like = used.path === path ? "page 0" : `page 0 of \`${path}\``;
    throw inputError(used.path, `page ${used.page.index} is of another kind than ${like}`);
  }
}

function readable(path: string, page: TiffPage): Dtype {
  if (!page.codec) {
    const name = COMPRESSIONS[page.compression] ?? `number ${page.compression}`;
    throw inputError(path, `page ${page.index} is compressed with ${name}, which is not supported`, {
      hint: "save it without compression, or with deflate, LZW or zstd",
    });
  }
  if (page.dtype === undefined) {
    const format = ["", "unsigned", "signed", "floating point", "untyped", "complex", "complex"][page.sampleFormat];
    throw inputError(path, `page ${page.index} has ${format} samples of ${page.bits} bits, which are not supported`);
  }
  return page.dtype;
}

/** Names of compressions that exist and are not built in. */
const COMPRESSIONS: Readonly<Record<number, string>> = {
  6: "old-style JPEG",
  33003: "JPEG 2000 (Aperio)",
  33005: "JPEG 2000 (Aperio)",
  34661: "JBIG",
  34712: "JPEG 2000",
  34887: "LERC",
  34926: "zstd (old number)",
  34933: "PNG",
  34934: "JPEG XR",
  50001: "WebP",
  50002: "JPEG XL",
  52546: "JPEG XL",
};

/** About this much is decoded at once, in whole strips or tiles. */
const NATURAL_BYTES = 1 << 20;

function chunkOf(page: TiffPage, series: Series, shape: readonly number[], dtype: Dtype): number[] {
  const rowBytes = page.width * page.samples * dtypeInfo(dtype).bytes;
  // Plain rows can be read by any number, packed ones by whole strips.
  const strip = isPlain(page, dtype) ? 1 : page.blockHeight;
  const strips = Math.max(1, Math.floor(NATURAL_BYTES / (rowBytes * strip)));
  const sizes: Readonly<Record<string, number>> = {
    Y: Math.min(page.height, page.tiled ? page.blockHeight : strips * strip),
    X: Math.min(page.width, page.blockWidth),
    S: page.samples,
  };
  const outer = shape.slice(0, shape.length - series.page.length).map(() => 1);
  return [...outer, ...[...series.page].map((letter) => sizes[letter] as number)];
}

/** Puts the planes of a region together. */
async function readPages(
  read: PlaneReader,
  pages: readonly TiffPage[],
  series: Series,
  shape: readonly number[],
  dtype: Dtype,
  start: readonly number[],
  stop: readonly number[],
  signal: AbortSignal | undefined,
): Promise<StoredBlock> {
  const outer = shape.length - series.page.length;
  const [from, to] = [start.slice(outer), stop.slice(outer)];
  const [only] = pages;
  const size = boxShape(start, stop);
  if (outer === 0 && only !== undefined && elementCount(size) > 0) return await read(only, from, to, signal);
  const block = createBlock(dtype, size);
  if (block.data.length === 0) return block;
  const planeStrides = rowMajorStrides(shape.slice(0, outer));
  for (const position of positions(start.slice(0, outer), stop.slice(0, outer))) {
    signal?.throwIfAborted();
    const page = pages[series.pages[elementOffset(0, planeStrides, position)] as number];
    if (page === undefined) continue;
    const within = position.map((k, i) => k - (start[i] as number));
    copyBlock(dtype, boxShape(from, to), await read(page, from, to, signal), {
      data: block.data,
      offset: elementOffset(0, block.strides, within),
      strides: block.strides.slice(outer),
    });
  }
  return block;
}

/** All positions of a box in C order. */
function* positions(start: readonly number[], stop: readonly number[]): Generator<number[]> {
  const total = elementCount(boxShape(start, stop));
  const position = [...start];
  for (let n = 0; n < total; n++) {
    yield position;
    for (let i = position.length - 1; i >= 0; i--) {
      position[i] = (position[i] as number) + 1;
      if ((position[i] as number) < (stop[i] as number)) break;
      position[i] = start[i] as number;
    }
  }
}

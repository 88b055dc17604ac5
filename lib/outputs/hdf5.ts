/**
 * HDF5 outputs: `hdf5` and `compressed hdf5` (cli-and-io.md §5.7).
 *
 * @module
 */
import {
  allocate,
  dtypeInfo,
  elementCount,
  errorText,
  type Five,
  fromCanonical,
  type NdArray,
  type Region,
  subArray,
  toCanonical,
  UserError,
} from "../array/mod.ts";
import { type H5Dataset, H5File, isHdf5 } from "../../ffi/hdf5.ts";
import { axistagsText, axisUnitsText } from "./axistags.ts";
import { chunkShape, chunksOf, isWholeChunk, relativeTo } from "./chunks.ts";
import { LOCKED, writing } from "./errors.ts";
import { toFileBlock } from "./layout.ts";
import { type PackedChunk, packParts } from "./packed_chunks.ts";
import { kindOf } from "./kind_of.ts";
import { checkWritable, PendingPath, presenceOf } from "./pending.ts";
import { Rooms } from "./rooms.ts";
import { TILE_ATTRIBUTE } from "./tile_record.ts";
import type { OutputFormat, OutputPlan, Presence, Sink } from "./types.ts";

/** Level of `compressed hdf5`. */
const GZIP_LEVEL = 1;

/** Bytes of the chunks that are made in one call; calls cost time, and what is made waits in memory. */
const BYTES_AT_ONCE = 2 ** 21;

/** For the chunks of all files. */
const ROOMS = new Rooms();

/** `hdf5` and `compressed hdf5`. */
export const HDF5_FORMATS: readonly OutputFormat[] = [
  hdf5Format("hdf5", ["h5"], undefined),
  hdf5Format("compressed hdf5", ["compressed h5"], GZIP_LEVEL),
];

function hdf5Format(name: string, aliases: readonly string[], gzip: number | undefined): OutputFormat {
  return {
    name,
    aliases,
    extension: "h5",
    sequence: false,
    container: true,
    tiles: true,
    check: () => {},
    presence,
    checkTarget: async (plan) => {
      await checkWritable(plan.path, "file");
      await existing(plan);
    },
    open: (plan) => Hdf5Sink.open(plan, gzip),
  };
}

/** Only the dataset counts: other ones in the file stay. A file of another kind is none. */
async function presence({ path, innerPath }: OutputPlan): Promise<Presence> {
  return await writing(path, async () => {
    if (await presenceOf([path]) === "nothing" || !(await isHdf5(path))) return "nothing";
    await using file = await H5File.open(path);
    return await file.kind(innerPath) === "dataset" ? "all" : "nothing";
  });
}

/** What lies at the target. */
type Existing = "nothing to keep" | "other datasets";

/**
 * Looks at a file that has the output's name.
 *
 * @throws {UserError} kind `output` when it is no HDF5 file, another program is writing it, or something stands in the way
 *   inside it
 */
async function existing(plan: OutputPlan): Promise<Existing> {
  const { path, innerPath } = plan;
  return await writing(path, async () => {
    if (await kindOf(path) === undefined || (await Deno.stat(path)).size === 0) return "nothing to keep";
    if (!(await isHdf5(path))) {
      if (plan.replaceForeign) return "nothing to keep";
      throw new UserError("output", `${path} exists and is no HDF5 file`, {
        hint: "remove it, choose another name, or add --if_exists=overwrite to replace it",
      });
    }
    await using file = await openUnlocked(path);
    const parents = innerPath.split("/").slice(0, -1).map((_, i, all) => all.slice(0, i + 1).join("/"));
    const blocked = await firstOf(parents, async (parent) => await file.kind(parent) === "dataset");
    const place = await file.kind(innerPath);
    if (blocked !== undefined || place === "group") {
      throw new UserError(
        "output",
        `cannot write the dataset ${innerPath} into ${path}: ${blocked ?? innerPath} is a ${
          blocked === undefined ? "group" : "dataset"
        } there`,
        { hint: "choose another name with --output_internal_path" },
      );
    }
    const members = await file.members("/");
    const [top] = innerPath.split("/");
    const alone = members.every(({ name }) => name === top) &&
      (await file.datasets()).every((d) => d.path === innerPath);
    return alone ? "nothing to keep" : "other datasets";
  });
}

/** Opens a file that no other program writes, as far as its file system knows of locks. */
async function openUnlocked(path: string): Promise<H5File> {
  try {
    return await H5File.open(path, { noWriter: true });
  } catch (error) {
    const text = errorText(error);
    if (!text.includes("unable to lock file") || LOCKED.test(text)) throw error;
    return await H5File.open(path);
  }
}

async function firstOf<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await test(item)) return item;
  return undefined;
}

class Hdf5Sink implements Sink {
  readonly ordered = false;
  readonly blockMultiple: Five;
  readonly #plan: OutputPlan;
  readonly #pending: PendingPath;
  readonly #file: H5File;
  readonly #dataset: H5Dataset;
  /** Level of deflate; `undefined` for plain chunks. */
  readonly #gzip: number | undefined;
  readonly #chunksAtOnce: number;

  private constructor(
    plan: OutputPlan,
    pending: PendingPath,
    file: H5File,
    dataset: H5Dataset,
    chunk: readonly number[],
    gzip: number | undefined,
  ) {
    this.#plan = plan;
    this.#pending = pending;
    this.#file = file;
    this.#dataset = dataset;
    this.#gzip = gzip;
    this.blockMultiple = toCanonical(chunk, plan.axes, 1);
    const chunkBytes = elementCount(chunk) * dtypeInfo(plan.dtype).bytes;
    this.#chunksAtOnce = Math.max(1, Math.floor(BYTES_AT_ONCE / chunkBytes));
  }

  static async open(plan: OutputPlan, gzip: number | undefined): Promise<Hdf5Sink> {
    return await writing(plan.path, async () => {
      const keep = await existing(plan) === "other datasets";
      const pending = await PendingPath.create(plan.path);
      let file: H5File | undefined;
      try {
        if (keep) await Deno.copyFile(plan.path, pending.temporary);
        file = keep ? await H5File.open(pending.temporary, { write: true }) : await H5File.create(pending.temporary);
        if (keep && await file.kind(plan.innerPath) !== undefined) await file.unlink(plan.innerPath);
        const shape = fromCanonical(plan.shape, plan.axes);
        const chunk = chunkShape(shape, plan.axes, plan.dtype);
        const dataset = await file.createDataset(plan.innerPath, {
          dtype: plan.dtype,
          shape,
          chunk,
          ...(gzip === undefined ? {} : { gzip }),
        });
        await writeAttributes(dataset, plan);
        return new Hdf5Sink(plan, pending, file, dataset, chunk, gzip);
      } catch (error) {
        // The first error is the one that counts; a file that could not be written need not close well.
        await file?.close().catch(() => {});
        await pending.abort();
        throw error;
      }
    });
  }

  write(region: Region, block: NdArray): Promise<void> {
    return writing(this.#plan.path, () => this.#writeChunks(region, block));
  }

  /** Lets HDF5 do everything. */
  async #writePart(region: Region, block: NdArray): Promise<void> {
    const { start, count, data } = await toFileBlock(region, block, this.#plan.axes);
    await this.#dataset.write(start, count, data);
  }

  /**
   * Makes whole chunks outside of HDF5's lock, so that several blocks are put in order and packed at the same time. HDF5
   * itself would cut blocks into runs of a few elements.
   */
  async #writeChunks(region: Region, block: NdArray): Promise<void> {
    const { shape, axes } = this.#plan;
    const chunk = this.blockMultiple;
    const parts = [...chunksOf(region, chunk)];
    const whole = parts.filter((part) => isWholeChunk(part, chunk, shape));
    let stored: Promise<void> = Promise.resolve();
    // One is stored while the other one is filled.
    let [room, otherRoom] = [ROOMS.take(), ROOMS.take()];
    for (let i = 0; i < whole.length; i += this.#chunksAtOnce) {
      const some = whole.slice(i, i + this.#chunksAtOnce);
      const packed = await packParts({ region, block, parts: some, axes, chunk, level: this.#gzip }, room);
      await stored;
      [room, otherRoom] = [otherRoom, room];
      stored = this.#store(packed);
      // Waited for above or below; until then a failure is not unhandled.
      stored.catch(() => {});
    }
    await stored;
    ROOMS.giveBack(room, otherRoom);
    for (const part of parts) {
      if (!isWholeChunk(part, chunk, shape)) await this.#writePart(part, subArray(block, relativeTo(region, part)));
    }
  }

  async #store(chunks: readonly PackedChunk[]): Promise<void> {
    for (const { start, bytes } of chunks) await this.#dataset.writeChunk(start, bytes);
  }

  async commit(): Promise<readonly string[]> {
    await writing(this.#plan.path, async () => {
      await this.#dataset.close();
      await this.#file.close();
    });
    await this.#pending.commit();
    return [this.#plan.path];
  }

  async abort(): Promise<void> {
    // Whatever closing still has to say no longer matters: the file is removed.
    await this.#dataset.close().catch(() => {});
    await this.#file.close().catch(() => {});
    await this.#pending.abort();
  }
}

async function writeAttributes(dataset: H5Dataset, plan: OutputPlan): Promise<void> {
  const { meta, axes, dtype, tile } = plan;
  await dataset.writeAttribute("axistags", axistagsText(axes, meta.pixelSize));
  await dataset.writeAttribute("DIMENSION_LABELS", axes);
  if (meta.displayMode !== undefined) await dataset.writeAttribute("display_mode", meta.displayMode);
  if (meta.drange !== undefined) {
    const data = allocate(dtype, 2);
    meta.drange.forEach((end, i) =>
      data[i] = typeof data[i] === "bigint" ? BigInt(Math.trunc(end)) : limited(end, dtype)
    );
    await dataset.writeAttribute("drange", { dtype, shape: [2], data });
  }
  const units = axisUnitsText(meta);
  if (units !== undefined) await dataset.writeAttribute("axis_units", units);
  if (meta.channelNames !== undefined) await dataset.writeAttribute("channel_names", meta.channelNames);
  if (meta.classNames !== undefined) await dataset.writeAttribute("class_names", meta.classNames);
  if (meta.classColors !== undefined) {
    const data = Uint8Array.from(meta.classColors.flat());
    await dataset.writeAttribute("class_colors", { dtype: "uint8", shape: [meta.classColors.length, 3], data });
  }
  if (tile !== undefined) await dataset.writeAttribute(TILE_ATTRIBUTE, JSON.stringify(tile));
}

/** A range that was handed on may not fit the type, for example 0…255 as int8. */
function limited(value: number, dtype: OutputPlan["dtype"]): number {
  const { min, max } = dtypeInfo(dtype);
  return Math.max(min, Math.min(value, max));
}

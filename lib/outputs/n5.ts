/**
 * N5 outputs: `n5` and `compressed n5` (cli-and-io.md §5.8). Format: N5 specification 2.0: axes and block numbers are
 * stored fastest first, elements big-endian.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { deflate } from "../../ffi/encode.ts";
import {
  type Five,
  fromCanonical,
  type NdArray,
  NUMBER_DTYPES,
  type Region,
  subArray,
  toCanonical,
  UserError,
} from "../array/mod.ts";
import { axistagsText, axisUnitsText } from "./axistags.ts";
import { bigEndian } from "./byte_order.ts";
import { chunkShape, chunksOf, isWholeChunk, relativeTo } from "./chunks.ts";
import { outputError, writing } from "./errors.ts";
import { toFileBlock } from "./layout.ts";
import { kindOf } from "./kind_of.ts";
import { checkWritable, FileTree, PendingPath } from "./pending.ts";
import type { OutputFormat, OutputPlan, Sink } from "./types.ts";

const GZIP_LEVEL = 1;

/** `n5` and `compressed n5`. */
export const N5_FORMATS: readonly OutputFormat[] = [n5Format("n5", false), n5Format("compressed n5", true)];

function n5Format(name: string, compressed: boolean): OutputFormat {
  return {
    name,
    aliases: [],
    extension: "n5",
    sequence: false,
    container: true,
    check: ({ dtype }) => {
      if (NUMBER_DTYPES.includes(dtype)) return;
      throw new UserError("usage", `${name} cannot hold ${dtype}`, {
        hint: `add --export_dtype=${dtype === "bool" ? "uint8" : "float32"}`,
      });
    },
    presence: ({ path, innerPath }) =>
      writing(
        path,
        async () => (await attributes(join(path, innerPath)))?.["dimensions"] === undefined ? "nothing" : "all",
      ),
    checkTarget: async (plan) => {
      await checkWritable(plan.path, "folder");
      await checkExisting(plan);
    },
    open: (plan) => N5Sink.open(plan, compressed),
  };
}

/** Only N5 containers are added to, and only datasets are replaced in them. */
async function checkExisting({ path, innerPath, replaceForeign }: OutputPlan): Promise<void> {
  if (await kindOf(path) === undefined || replaceForeign) return;
  const entries = await Array.fromAsync(Deno.readDir(path));
  if (entries.length > 0 && (await attributes(path))?.["n5"] === undefined) {
    throw new UserError("output", `${path} exists and is no N5 container`, {
      hint: "remove it, choose another name, or add --if_exists=overwrite to replace it",
    });
  }
  const place = join(path, innerPath);
  if (await kindOf(place) !== undefined && (await attributes(place))?.["dimensions"] === undefined) {
    throw new UserError("output", `cannot write the dataset ${innerPath} into ${path}: it is a group there`, {
      hint: "choose another name with --output_internal_path",
    });
  }
}

async function attributes(folder: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(folder, "attributes.json")));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class N5Sink implements Sink {
  readonly ordered = false;
  readonly blockMultiple: Five;
  readonly #plan: OutputPlan;
  readonly #compressed: boolean;
  readonly #pending: PendingPath;
  readonly #tree: FileTree;

  private constructor(plan: OutputPlan, compressed: boolean, pending: PendingPath, chunk: readonly number[]) {
    this.#plan = plan;
    this.#compressed = compressed;
    this.#pending = pending;
    this.#tree = new FileTree(join(pending.temporary, plan.innerPath));
    this.blockMultiple = toCanonical(chunk, plan.axes, 1);
  }

  static async open(plan: OutputPlan, compressed: boolean): Promise<N5Sink> {
    const pending = await PendingPath.create(plan.path);
    try {
      const shape = fromCanonical(plan.shape, plan.axes);
      const chunk = chunkShape(shape, plan.axes, plan.dtype);
      const sink = new N5Sink(plan, compressed, pending, chunk);
      await new FileTree(pending.temporary).writeJson("attributes.json", { n5: "2.0.0" });
      await sink.#tree.writeJson("attributes.json", datasetAttributes(plan, shape, chunk, compressed));
      return sink;
    } catch (error) {
      await pending.abort();
      throw outputError(plan.path, error);
    }
  }

  write(region: Region, block: NdArray): Promise<void> {
    return writing(this.#plan.path, async () => {
      for (const part of chunksOf(region, this.blockMultiple)) {
        if (!isWholeChunk(part, this.blockMultiple, this.#plan.shape)) throw new Error("a block cuts a chunk");
        await this.#writeChunk(part, subArray(block, relativeTo(region, part)));
      }
    });
  }

  async commit(): Promise<readonly string[]> {
    const { path, innerPath } = this.#plan;
    await writing(path, async () => {
      if ((await attributes(path))?.["n5"] === undefined) {
        if (await kindOf(path) !== undefined) await Deno.remove(path, { recursive: true });
        await this.#pending.commit();
        return;
      }
      const place = join(path, innerPath);
      if (await kindOf(place) !== undefined) await Deno.remove(place, { recursive: true });
      await Deno.mkdir(dirname(place), { recursive: true });
      await Deno.rename(this.#tree.path, place);
      await this.#pending.discard();
    });
    return [path];
  }

  async abort(): Promise<void> {
    await this.#pending.abort();
  }

  async #writeChunk(part: Region, pixels: NdArray): Promise<void> {
    const { axes } = this.#plan;
    const { start, count, data } = await toFileBlock(part, pixels, axes);
    const plain = bigEndian(data);
    const content = this.#compressed ? await deflate("gzip", GZIP_LEVEL, plain) : plain;
    const chunk = fromCanonical(this.blockMultiple, axes);
    const numbers = start.map((position, i) => position / (chunk[i] ?? 1)).reverse();
    const file = new Uint8Array(4 + 4 * count.length + content.length);
    const view = new DataView(file.buffer);
    view.setUint16(2, count.length);
    for (const [i, size] of count.toReversed().entries()) view.setUint32(4 + 4 * i, size);
    file.set(content, 4 + 4 * count.length);
    await this.#tree.write(numbers.join("/"), file);
  }
}

function datasetAttributes(
  { axes, dtype, meta }: OutputPlan,
  shape: readonly number[],
  chunk: readonly number[],
  compressed: boolean,
): Record<string, unknown> {
  const units = axisUnitsText(meta);
  return {
    dimensions: shape.toReversed(),
    blockSize: chunk.toReversed(),
    dataType: dtype,
    compression: compressed ? { type: "gzip", level: GZIP_LEVEL } : { type: "raw" },
    axes: axes.toReversed().join(""),
    axistags: axistagsText(axes, meta.pixelSize),
    ...(meta.displayMode === undefined ? {} : { display_mode: meta.displayMode }),
    ...(meta.drange === undefined ? {} : { drange: meta.drange }),
    ...(units === undefined ? {} : { axis_units: units }),
    ...(meta.channelNames === undefined ? {} : { channel_names: meta.channelNames }),
    ...(meta.classNames === undefined ? {} : { class_names: meta.classNames }),
    ...(meta.classColors === undefined ? {} : { class_colors: meta.classColors }),
  };
}

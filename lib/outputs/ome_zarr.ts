/**
 * OME-Zarr outputs 0.4 (Zarr 2) and 0.5 (Zarr 3, sharded), with one or several resolutions (cli-and-io.md §5.10).
 *
 * @module
 */
import {
  along,
  type AxisKey,
  dtypeInfo,
  type Five,
  five,
  isIntegerDtype,
  type NdArray,
  type Region,
  subArray,
  UserError,
  volume,
} from "../array/mod.ts";
import { axistagsText, axisUnitsText } from "./axistags.ts";
import { chunkShape, chunksOf, isWholeChunk, relativeTo } from "./chunks.ts";
import type { Blending } from "./downscale.ts";
import { outputError, writing } from "./errors.ts";
import { kindOf } from "./kind_of.ts";
import { checkWritable, FileTree, PendingPath } from "./pending.ts";
import { shrinking } from "./shrink.ts";
import type { OutputFormat, OutputPlan, Sink } from "./types.ts";
import { findUnit } from "./units.ts";
import { zarr2Array, zarr3Array, type ZarrArray, type ZarrSpec } from "./zarr_array.ts";

/** Order of the axes in the store, always all five. */
const AXES = ["t", "c", "z", "y", "x"] as const;
const SPACE: readonly AxisKey[] = ["z", "y", "x"];
const CHUNK_BYTES = 1_024_000;
/** Bytes of the units that are packed at the same time. */
const BYTES_AT_ONCE = 2 ** 22;

interface Variant {
  readonly version: "0.4" | "0.5";
  readonly levels: "one" | "several";
}

/** `single-scale OME-Zarr` and its kin. */
export const OME_ZARR_FORMATS: readonly OutputFormat[] = [
  omeZarr("single-scale OME-Zarr", ["zarr"], { version: "0.4", levels: "one" }),
  omeZarr("multi-scale OME-Zarr", ["ome-zarr"], { version: "0.4", levels: "several" }),
  omeZarr("single-scale OME-Zarr 0.5", [], { version: "0.5", levels: "one" }),
  omeZarr("multi-scale OME-Zarr 0.5", [], { version: "0.5", levels: "several" }),
];

function omeZarr(name: string, aliases: readonly string[], variant: Variant): OutputFormat {
  return {
    name,
    aliases,
    extension: "zarr",
    sequence: false,
    container: false,
    check: () => {},
    presence: ({ path }) => writing(path, async () => await kindOf(path) === undefined ? "nothing" : "all"),
    checkTarget: async (plan) => {
      await checkWritable(plan.path, "folder");
      await checkAbsent(plan);
    },
    open: (plan) => OmeZarrSink.open(plan, variant),
  };
}

async function checkAbsent({ path, replaceForeign }: OutputPlan): Promise<void> {
  if (replaceForeign || await kindOf(path) === undefined) return;
  throw new UserError("output", `${path} exists already`, {
    hint: "remove it, choose another name, or add --if_exists=overwrite to replace it",
  });
}

class OmeZarrSink implements Sink {
  readonly ordered = false;
  readonly blockMultiple: Five;
  readonly #plan: OutputPlan;
  readonly #variant: Variant;
  readonly #pending: PendingPath;
  readonly #tree: FileTree;
  readonly #levels: readonly ZarrArray[];

  private constructor(plan: OutputPlan, variant: Variant, pending: PendingPath) {
    this.#plan = plan;
    this.#variant = variant;
    this.#pending = pending;
    this.#tree = new FileTree(pending.temporary);
    this.#levels = levelSpecs(plan, variant).map((spec) =>
      variant.version === "0.4" ? zarr2Array(this.#tree, spec) : zarr3Array(this.#tree, spec)
    );
    const unit = this.#levels[0]?.unit ?? plan.shape;
    this.blockMultiple = five((axis) => unit[AXES.indexOf(axis)] ?? 1);
  }

  static async open(plan: OutputPlan, variant: Variant): Promise<OmeZarrSink> {
    await checkAbsent(plan);
    const pending = await PendingPath.create(plan.path);
    try {
      const sink = new OmeZarrSink(plan, variant, pending);
      await sink.#writeMetadata();
      return sink;
    } catch (error) {
      await pending.abort();
      throw outputError(plan.path, error);
    }
  }

  write(region: Region, block: NdArray): Promise<void> {
    const [base] = this.#levels;
    if (base === undefined) throw new Error("a store without arrays");
    const { unit, spec } = base;
    const whole: Region = { start: inStore(region.start), stop: inStore(region.stop) };
    const pixels: NdArray = { ...block, shape: inStore(block.shape), strides: inStore(block.strides) };
    const atOnce = Math.max(1, Math.floor(BYTES_AT_ONCE / (volume(unit) * dtypeInfo(spec.dtype).bytes)));
    return writing(this.#plan.path, async () => {
      const parts = [...chunksOf(whole, unit)];
      if (!parts.every((part) => isWholeChunk(part, unit, spec.shape))) throw new Error("a block cuts a chunk");
      for (let i = 0; i < parts.length; i += atOnce) {
        const some = parts.slice(i, i + atOnce);
        await Promise.all(some.map((part) => base.write(part, subArray(pixels, relativeTo(whole, part)))));
      }
    });
  }

  async commit(signal?: AbortSignal): Promise<readonly string[]> {
    const { path } = this.#plan;
    for (let i = 1; i < this.#levels.length; i++) {
      const [from, to] = this.#levels.slice(i - 1, i + 1) as [ZarrArray, ZarrArray];
      for (const step of shrinking(from, to, blendingOf(this.#plan))) {
        signal?.throwIfAborted();
        await writing(path, step);
      }
    }
    await writing(path, async () => {
      if (this.#plan.replaceForeign && await kindOf(path) !== undefined) await Deno.remove(path, { recursive: true });
    });
    await this.#pending.commit();
    return [path];
  }

  async abort(): Promise<void> {
    await this.#pending.abort();
  }

  async #writeMetadata(): Promise<void> {
    const metadata = omeMetadata(this.#plan, this.#variant, this.#levels.map(({ spec }) => spec));
    if (this.#variant.version === "0.4") {
      await this.#tree.writeJson(".zgroup", { zarr_format: 2 });
      await this.#tree.writeJson(".zattrs", metadata);
    } else {
      await this.#tree.writeJson("zarr.json", {
        zarr_format: 3,
        node_type: "group",
        attributes: { ome: { version: "0.5", ...metadata } },
      });
    }
    for (const level of this.#levels) await level.create();
  }
}

/** Labels keep their values when they get smaller. */
function blendingOf({ dtype, continuous }: OutputPlan): Blending {
  return continuous || !isIntegerDtype(dtype) ? "linear" : "nearest";
}

/** Values of the canonical axes, for those of the store. */
function inStore(values: Five): Five {
  return five((_, i) => along(values, AXES[i] ?? "t"));
}

/** The arrays `s0`, `s1`, …: each half as large in z, y, x, until all of space fits into one chunk. */
function levelSpecs(plan: OutputPlan, variant: Variant): ZarrSpec[] {
  const base = five((_, i) => along(plan.shape, AXES[i] ?? "t"));
  const specs: ZarrSpec[] = [];
  for (let level = 0;; level++) {
    const shape = five((_, i) =>
      SPACE.includes(AXES[i] ?? "t") ? Math.max(1, Math.floor((base[i] as number) / 2 ** level)) : base[i] as number
    );
    const sides = chunkShape(shape, AXES, plan.dtype, CHUNK_BYTES);
    const chunk = five((_, i) => sides[i] ?? 1);
    specs.push({ name: `s${level}`, shape, chunk, dtype: plan.dtype, attributes: arrayAttributes(plan), axes: AXES });
    const fits = AXES.every((axis, i) => !SPACE.includes(axis) || (shape[i] as number) <= (chunk[i] as number));
    if (variant.levels === "one" || fits) return specs;
  }
}

function arrayAttributes({ meta }: OutputPlan): Record<string, unknown> {
  const units = axisUnitsText(meta);
  return {
    axistags: axistagsText(AXES, meta.pixelSize),
    ...(meta.displayMode === undefined ? {} : { display_mode: meta.displayMode }),
    ...(meta.drange === undefined ? {} : { drange: meta.drange }),
    ...(units === undefined ? {} : { axis_units: units }),
  };
}

const AXIS_TYPES: Readonly<Record<AxisKey, string>> = { t: "time", c: "channel", z: "space", y: "space", x: "space" };

function omeMetadata(plan: OutputPlan, { version }: Variant, levels: readonly ZarrSpec[]): Record<string, unknown> {
  const { meta } = plan;
  const [base] = levels;
  const blending = blendingOf(plan);
  const multiscale = {
    name: "exported_data",
    axes: AXES.map((name) => {
      const unit = meta.pixelSize?.[name] ? findUnit(meta.units?.[name] ?? "")?.name : undefined;
      return { name, type: AXIS_TYPES[name], ...(unit === undefined ? {} : { unit }) };
    }),
    datasets: levels.map(({ name, shape }) => ({
      path: name,
      coordinateTransformations: placement(plan, (base?.shape ?? shape).map((n, i) => n / (shape[i] as number))),
    })),
    ...(version === "0.4" ? { version } : {}),
    ...(levels.length === 1 ? {} : {
      type: blending === "nearest" ? "nearest" : "gaussian",
      metadata: {
        description: blending === "nearest"
          ? "each level holds every second value of the one before"
          : "each level is the one before, smoothed by a Gaussian (sigma = factor / 4) and linearly interpolated",
        method: blending,
      },
    }),
  };
  return {
    multiscales: [multiscale],
    _creator: { name: "ilastik-headless" },
    ...channelMetadata(plan),
    ...labelMetadata(plan, version),
  };
}

/**
 * Sizes and position of the pixels of a level. The first pixel of a smaller level covers several of the largest, so its
 * centre lies half of the difference further. Both are said level by level, where all readers look.
 *
 * @param factors how many pixels of the largest level a pixel covers along each axis
 */
function placement({ meta }: OutputPlan, factors: readonly number[]): readonly Record<string, unknown>[] {
  const size = (axis: AxisKey) => axis === "c" ? 1 : meta.pixelSize?.[axis] || 1;
  const factor = (i: number) => factors[i] as number;
  const scale = AXES.map((axis, i) => size(axis) * factor(i));
  const translation = AXES.map((axis, i) => (meta.origin?.[axis] ?? 0) + size(axis) * (factor(i) - 1) / 2);
  const moved = translation.some((n) => n !== 0);
  return [{ type: "scale", scale }, ...(moved ? [{ type: "translation", translation }] : [])];
}

/** Names and colours of the channels, as OMERO shows them. */
function channelMetadata({ meta, dtype, shape, valueRange }: OutputPlan): Record<string, unknown> {
  const names = meta.channelNames;
  if (names === undefined) return {};
  const { min, max } = dtypeInfo(dtype);
  const [start, end] = valueRange ?? meta.drange ?? (isIntegerDtype(dtype) ? [min, max] : [0, 1]);
  const colors = meta.classColors?.length === along(shape, "c") ? meta.classColors : undefined;
  const hex = (color: readonly number[]) =>
    color.map((part) => part.toString(16).padStart(2, "0")).join("").toUpperCase();
  return {
    omero: {
      channels: names.map((label, i) => ({
        label,
        color: hex(colors?.[i] ?? [255, 255, 255]),
        active: true,
        window: { min: start, max: end, start, end },
      })),
    },
  };
}

/** Names and colours of the classes whose numbers the values are, as label images have them. */
function labelMetadata({ meta }: OutputPlan, version: Variant["version"]): Record<string, unknown> {
  const { classNames, classColors } = meta;
  if (classNames === undefined) return {};
  return {
    "image-label": {
      // From 0.5 on the version stands once for all.
      ...(version === "0.4" ? { version } : {}),
      colors: (classColors ?? []).map((color, i) => ({ "label-value": i + 1, rgba: [...color, 255] })),
      properties: classNames.map((name, i) => ({ "label-value": i + 1, name })),
    },
  };
}

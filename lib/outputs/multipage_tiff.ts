/**
 * Multi-page TIFF with OME description: `multipage tiff` and its sequence (cli-and-io.md §5.9).
 *
 * @module
 */
import { along, type Axes, type Dtype, dtypeInfo, fromCanonical, UserError, volume } from "../array/mod.ts";
import { type FileFormat, type FileWriter, openFileSink, openSequenceSink, wholeAlong } from "./file_sink.ts";
import { realAxes, sizesText } from "./image_format.ts";
import { bytesOf, toFileBlock } from "./layout.ts";
import { omePixelType, omeXml } from "./ome_xml.ts";
import { checkFilesWritable, checkWritable, presenceOf } from "./pending.ts";
import { RegionFile } from "./region_file.ts";
import { CLASSIC_LIMIT } from "./tiff.ts";
import { tiffLayout } from "./tiff_layout.ts";
import type { OutputFormat, OutputPlan } from "./types.ts";

/** Order of the pixels in the file, whatever the order of the output. */
const PAGES: Axes = ["t", "z", "c", "y", "x"];
const SAMPLE_FORMATS = { b: 1, u: 1, i: 2, f: 3 } as const;

const FILE: FileFormat = {
  blockMultiple: ({ shape }) => wholeAlong(shape, ["x"]),
  ordered: false,
  create: createPages,
};

/** `multipage tiff` and `multipage tiff sequence`. */
export const MULTIPAGE_TIFF_FORMATS: readonly OutputFormat[] = [
  {
    name: "multipage tiff",
    aliases: ["ome tiff", "multipage tif"],
    extension: "tiff",
    sequence: false,
    container: false,
    check: checkDtype,
    presence: (plan) => presenceOf([plan.path]),
    checkTarget: (plan) => checkWritable(plan.path, "file"),
    open: (plan) => openFileSink(plan, FILE),
  },
  {
    name: "multipage tiff sequence",
    aliases: ["ome tiff sequence", "multipage tif sequence"],
    extension: "tiff",
    sequence: true,
    container: false,
    check: (plan) => {
      checkDtype(plan);
      checkSequence(plan);
    },
    presence: (plan) => presenceOf(plan.slicePaths),
    checkTarget: (plan) => checkFilesWritable(plan.slicePaths),
    open: (plan) => openSequenceSink(plan, FILE),
  },
];

/** What OME has instead of the types that it lacks. */
const NEAREST: Readonly<Partial<Record<Dtype, Dtype>>> = { float16: "float32", int64: "int32", uint64: "uint32" };

function checkDtype({ dtype }: OutputPlan): void {
  if (omePixelType(dtype) !== undefined) return;
  throw new UserError("usage", `multipage tiff cannot hold ${dtype}: OME has no such pixel type`, {
    hint: `add --export_dtype=${NEAREST[dtype] ?? "uint32"} or use hdf5`,
  });
}

function checkSequence(plan: OutputPlan): void {
  const real = realAxes(plan);
  if (real.length === 4 || (real.length === 5 && real[0] !== "c")) return;
  throw new UserError(
    "usage",
    `multipage tiff sequence needs volumes along one axis, the result is ${sizesText(plan, real)}`,
    {
      hint: real.length === 5
        ? "put t or z first with --output_axis_order"
        : 'use --output_format="tiff sequence" for planes, or multipage tiff',
    },
  );
}

async function createPages(path: string, plan: OutputPlan): Promise<FileWriter> {
  const { bytes, kind } = dtypeInfo(plan.dtype);
  const layout = tiffLayout({
    width: along(plan.shape, "x"),
    height: along(plan.shape, "y"),
    count: along(plan.shape, "t") * along(plan.shape, "z") * along(plan.shape, "c"),
    bits: 8 * bytes,
    sampleFormat: SAMPLE_FORMATS[kind],
    description: omeXml(plan),
    software: "ilastik",
    big: volume(plan.shape) * bytes > CLASSIC_LIMIT,
  });
  const file = await RegionFile.create(path);
  const place = { offset: layout.pixels, shape: fromCanonical(plan.shape, PAGES), elementBytes: bytes };
  return {
    write: async (region, block) => {
      const { start, count, data } = await toFileBlock(region, block, PAGES);
      await file.writeRegion(place, start, count, bytesOf(data));
    },
    finish: async () => {
      await file.write(0, layout.head);
      await file.write(layout.tailPosition, layout.tail);
      await file.close();
    },
    // The file is removed; what closing has to say no longer matters.
    cancel: () => file.close().catch(() => {}),
  };
}

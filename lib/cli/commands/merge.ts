/**
 * `merge TILE…`: joins the files of all tiles of a run into what one run would have written.
 *
 * @module
 */
import { dirname } from "@std/path";
import {
  type ArraySource,
  CANONICAL,
  dtypeInfo,
  elementCount,
  five,
  regionVolume,
  shift,
  UserError,
} from "../../array/mod.ts";
import { interpretAxes, joinTiles, type StoredArray } from "../../inputs/mod.ts";
import { checkCollisions, type Export, type ExportSettings, findFormat, planExport } from "../../outputs/mod.ts";
import { isKept, keptText } from "../if_exists.ts";
import { outputPaths, pixelsOf } from "../lane_events.ts";
import { OPTIONS } from "../options.ts";
import { Progress } from "../progress.ts";
import { findResources } from "../resources.ts";
import { parseIfExists } from "../settings.ts";
import { writeOutputs } from "../write_outputs.ts";
import type { Command, CommandOption } from "./command.ts";
import { findTiles, type FoundTile, openTile, type TileFiles } from "./tile_set.ts";

/** What readers keep of an open file at most, in bytes. */
const KEPT_PER_FILE = 64 << 20;
/** Share of the memory for that. */
const KEPT_SHARE = 0.25;
/** Blocks in flight beyond the threads. */
const AHEAD = 2;

/** The sub-command. */
export const MERGE: Command = {
  name: "merge",
  usage: "TILE… -o FILE [--output_format FORMAT]",
  summary: "Join the files of all tiles of a run (--tile) into the file that one run would have written.",
  details: [
    "TILE are files that were written with --tile=1/16 to --tile=16/16, in any order: `file.h5`, `file.h5/dataset`, quoted " +
    "patterns. Values, axes, pixel sizes, names and colours of the joined file are those of a run without --tile. Files are " +
    "read and written block by block.",
    "The name may hold placeholders, see `help names`; {dataset_dir} is the folder of the first tile. The format is that of " +
    "the tiles unless --output_format says otherwise; every format can be written.",
    "Refused: missing tiles, tiles given twice, tiles that were made with another project, options, input or version, damaged " +
    "files. stdout holds the paths of the written files.",
  ],
  options: [
    { ...shared("output_filename_format"), letter: "o", placeholder: "FILE", help: "Name of the joined file." },
    shared("output_format", "File format; that of the tiles by default."),
    shared("output_internal_path", "Dataset inside HDF5 and N5 outputs; that of the tiles by default."),
    shared("if_exists"),
    shared("threads"),
    shared("memory"),
  ],
  words: [1, Infinity],
  async run({ options, words }, context) {
    const { messages, signal } = context;
    const name = options.get("output_filename_format");
    if (name === undefined) {
      throw new UserError("usage", "`merge` needs the name of the joined file", { hint: "add -o FILE" });
    }
    if (name === "-") {
      throw new UserError("usage", "`merge` writes a file, not to stdout", {
        hint: "name one, or write ./- for a file of that name",
      });
    }
    const ifExists = parseIfExists(options.get("if_exists"));
    const resources = findResources({ threads: options.get("threads"), memory: options.get("memory") });
    const warn = (text: string): void => messages.warning(text);
    const tiles = await findTiles(words, { ...context, warn });
    const fileBytes = Math.min(
      KEPT_PER_FILE,
      Math.max(...tiles.map(({ size, record }) => elementCount(size) * dtypeInfo(record.whole.dtype).bytes)),
    );
    const threads = Math.max(
      1,
      Math.min(resources.threads, Math.floor(resources.memory * KEPT_SHARE / fileBytes) - AHEAD),
    );
    const joined = joinedArray(tiles, threads + AHEAD, { ...context, warn: () => {} });
    try {
      const output = planMerge(tiles, joined, {
        format: findFormat(options.get("output_format") ?? tiles[0].record.whole.format),
        fileNamePattern: name,
        innerPathPattern: options.get("output_internal_path") ?? literal(tiles[0].record.whole.innerPath),
        baseFolder: context.currentFolder,
        ...(context.homeFolder === undefined ? {} : { homeFolder: context.homeFolder }),
        replaceForeign: options.has("if_exists") && ifExists === "overwrite",
        warn,
      });
      await checkCollisions([{ input: "merge", paths: outputPaths(output) }], tiles.map(({ path }) => path), false);
      if (await isKept(output, ifExists)) {
        messages.info(keptText(output));
        return 0;
      }
      await output.checkTarget();
      const progress = new Progress(messages, Deno.stderr.isTerminal() ? "bar" : "plain", name, pixelsOf(output));
      try {
        const [paths = []] = await writeOutputs([output], {
          threads,
          memory: resources.memory - Deno.memoryUsage().rss - (threads + AHEAD) * fileBytes,
          budget: resources.memory,
          signal,
          onProgress: (done) => progress.update(done),
        });
        for (const path of paths) messages.output(path);
      } finally {
        progress.finish();
      }
      return 0;
    } finally {
      await joined.close();
    }
  },
};

/** An option that runs have, too. */
function shared(name: string, help?: string): CommandOption {
  const row = OPTIONS.find((option) => option.name === name);
  if (row?.help === undefined) throw new RangeError(`no option ${name}`);
  return { ...row, help: help ?? row.help };
}

function joinedArray(
  tiles: readonly [FoundTile, ...FoundTile[]],
  mostOpen: number,
  files: TileFiles,
): StoredArray {
  const [{ record: { whole }, chunk }] = tiles;
  return joinTiles(
    tiles.map(({ name, record: { offset }, size }) => ({
      start: offset,
      stop: offset.map((first, i) => first + (size[i] as number)),
      open: async () => (await openTile(name, files)).array,
    })),
    { shape: whole.shape, dtype: whole.dtype, axes: whole.axes, axesExplicit: true, imageFile: false, chunk, meta: {} },
    mostOpen,
  );
}

/** Plans the joined file as the run would have: with the result that the tiles were cut from, and its region. */
function planMerge(
  [first]: readonly [FoundTile, ...FoundTile[]],
  joined: StoredArray,
  settings: Omit<ExportSettings, "region" | "axisOrder" | "compat">,
): Export {
  const { nickname, axes, dtype, facts, result } = first.record.whole;
  const pixels = interpretAxes(joined, axes);
  const source: ArraySource = {
    ...pixels,
    shape: result.shape,
    axes: result.axes,
    meta: result.meta,
    cost: {
      // The block, and a part of it from one of the files.
      bytes: (region) => 2 * regionVolume(region) * dtypeInfo(dtype).bytes,
      work: regionVolume,
    },
    read: (region, signal) => pixels.read(shift(region, five((_, i) => -(result.start[i] as number))), signal),
  };
  const ranges = CANONICAL.map((axis, i) => {
    const start = result.start[i] as number;
    return [axis, [start, start + (pixels.shape[i] as number)]] as const;
  });
  return planExport(
    { ...result, source, outputAxes: result.inputAxes },
    { text: first.name, nickname, datasetDir: dirname(first.path) },
    {
      ...settings,
      region: { kind: "named", ranges: Object.fromEntries(ranges) },
      axisOrder: axes,
      compat: facts["--compat"] === "ilastik",
    },
  );
}

/** A name as a pattern without placeholders. */
function literal(name: string): string {
  return name.replaceAll(/[{}]/g, "$&$&");
}

/** The storage of a block is used again once it is written: no format may look at it later. */
import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { relative } from "@std/path";
import { type Five, parseAxes } from "../../lib/array/mod.ts";
import { FORMATS, type OutputFormat, planExport, type Sink } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeBlocks } from "./helpers.ts";

/** Overwrites each block as soon as it is written. */
function spoiling(sink: Sink): Sink {
  return {
    blockMultiple: sink.blockMultiple,
    ordered: sink.ordered,
    write: async (region, block) => {
      await sink.write(region, block);
      (block.data as Uint8Array).fill(99);
    },
    commit: () => sink.commit(),
    abort: () => sink.abort(),
  };
}

/** The files that a format writes, by name. */
async function written(format: OutputFormat, compat: boolean, change: (sink: Sink) => Sink) {
  const folder = await Deno.makeTempDir();
  try {
    const dtype = format.name.startsWith("hdr") ? "float32" : "uint8";
    const volumes = format.name === "multipage tiff sequence";
    const shape: Five = [volumes ? 2 : 1, format.sequence ? 3 : 1, 50, 41, dtype === "float32" ? 3 : 1];
    const source = memorySource(filled(dtype, shape, (i) => i % 2), parseAxes("tzyxc") ?? []);
    const result = { name: "R", source, outputAxes: parseAxes("tzyxc") ?? [], continuous: false };
    const settings = settingsFor(folder, {
      formatName: format.name,
      fileNamePattern: format.sequence ? "r_{slice_index}" : "r",
      compat,
      warn: () => {},
    });
    const { source: values, open } = planExport(result, { text: "a", nickname: "a", datasetDir: folder }, settings);
    const sink = change(await open());
    await writeBlocks(values, sink, [1, 1, 7, 9, 1]);
    await sink.commit();
    const files = new Map<string, string>();
    for await (const { path } of walk(folder, { includeDirs: false })) {
      // OME descriptions have a random identifier.
      const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
      files.set(relative(folder, path), text.replaceAll(/urn:uuid:[-0-9a-f]{36}/g, "urn:uuid"));
    }
    return files;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const format of FORMATS) {
  // `dvid` is a server and `stream` the standard output; tests of their own know what they get.
  if (format.name === "dvid" || format.stream === true) continue;
  for (const compat of [false, true]) {
    Deno.test({
      name: `${format.name} is done with a block when it is written${compat ? ", --compat=ilastik" : ""}`,
      sanitizeResources: false, // libraries stay open for the whole process
      sanitizeOps: false,
      fn: async () => {
        const wanted = await written(format, compat, (sink) => sink);
        assert(wanted.size > 0);
        assertEquals(await written(format, compat, spoiling), wanted);
      },
    });
  }
}

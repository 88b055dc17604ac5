/**
 * How much of an output is there already, for every output format.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Dtype, type Five, parseAxes } from "../../lib/array/mod.ts";
import { type Export, FORMATS, type OutputFormat, planExport } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

// HDF5 stays open for the whole process.
const settings = { sanitizeResources: false, sanitizeOps: false };
function output(format: OutputFormat, folder: string, innerPathPattern = "a"): Export {
  const radiance = format.name.startsWith("hdr");
  const dtype: Dtype = radiance ? "float32" : "uint8";
  const volumes = format.name === "multipage tiff sequence";
  const shape: Five = [volumes ? 2 : 1, format.sequence ? 3 : 1, 8, 8, radiance ? 3 : volumes ? 2 : 1];
  const axes = parseAxes(volumes ? "tzyxc" : format.sequence ? "zyxc" : "yxc") ?? [];
  const source = memorySource(filled(dtype, shape, (i) => i % 256), parseAxes("tzyxc") ?? []);
  const fileNamePattern = format.sequence ? "r_{slice_index}" : "r";
  return planExport(
    { name: "R", source, outputAxes: axes, continuous: true },
    { text: "a", nickname: "a", datasetDir: folder },
    settingsFor(folder, { formatName: format.name, fileNamePattern, innerPathPattern }),
  );
}

for (const format of FORMATS.filter(({ name }) => name !== "dvid")) {
  Deno.test(`${format.name}: an output is there when it is complete`, settings, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const planned = output(format, folder);
      assertEquals(await planned.presence(), "nothing");
      const paths = format.sequence ? planned.plan.slicePaths : [planned.plan.path];
      if (!/n5|zarr/i.test(format.name)) {
        for (const path of paths) await Deno.writeTextFile(path, "");
        assertEquals(await planned.presence(), "nothing", "empty files");
      }
      await writeAll(planned);
      assertEquals(await planned.presence(), "all");
      if (format.container) {
        assertEquals(await output(format, folder, "other").presence(), "nothing", "another dataset");
      }
      if (!format.sequence) return;
      await Deno.remove(paths[1] ?? "");
      assertEquals(await planned.presence(), "part");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

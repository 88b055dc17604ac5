/**
 * Writing that fails, for every output format: exit code 5, one line with the path and the reason, nothing left.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Dtype, EXIT_CODES, type Five, parseAxes, type Region, UserError } from "../../lib/array/mod.ts";
import { type Export, FORMATS, type OutputFormat, planExport } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";
import { MOUNT_OBSTACLE, onSmallDisk } from "./small_disk.ts";

/** All formats that are files; what DVID answers is tested in dvid_test.ts. */
const FILES = FORMATS.filter(({ name }) => name !== "dvid");

/** Noise, which no format packs into less than the disk holds: at least 192 KiB, as the format needs it. */
function output(format: OutputFormat, folder: string, name = "r"): Export {
  const dtype: Dtype = format.name.startsWith("hdr") ? "float32" : "uint8";
  const channels = format.name.startsWith("hdr") ? 3 : 1;
  const volumes = format.name === "multipage tiff sequence";
  const shape: Five = [volumes ? 2 : 1, format.sequence ? 3 : 1, 256, 256, volumes ? 2 : channels];
  const large: Five = format.sequence ? shape : [1, 1, 512, 512, channels];
  const axes = parseAxes(volumes ? "tzyxc" : format.sequence ? "zyxc" : "yxc") ?? [];
  const source = memorySource(filled(dtype, large, noise), parseAxes("tzyxc") ?? []);
  const result = { name: "R", source, outputAxes: axes, continuous: true };
  const fileNamePattern = format.sequence ? `${name}_{slice_index}` : name;
  const settings = settingsFor(folder, { formatName: format.name, fileNamePattern });
  return planExport(result, { text: "a", nickname: "a", datasetDir: folder }, settings);
}

/** Values 0…255 without any order: the upper byte of a multiplicative hash. */
function noise(index: number): number {
  return Math.imul(index + 1, 0x9e3779b1) >>> 24 ^ Math.imul(index ^ 0x55555, 0x85ebca6b) >>> 24;
}

async function failureOf(work: () => unknown): Promise<UserError> {
  try {
    await work();
  } catch (error) {
    assert(error instanceof UserError, `not for the user: ${error instanceof Error ? error.stack : error}`);
    assertEquals(EXIT_CODES[error.kind], 5, error.message);
    assert(!error.message.includes("\n"), error.message);
    return error;
  }
  throw new Error("nothing failed");
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name);
}

function onDisk(name: string, options: string, test: (folder: string) => Promise<void>): void {
  const reason = MOUNT_OBSTACLE === undefined ? "" : ` (left out: ${MOUNT_OBSTACLE})`;
  // HDF5 and libtiff stay open for the whole process.
  const settings = { ignore: MOUNT_OBSTACLE !== undefined, sanitizeResources: false, sanitizeOps: false };
  Deno.test(`${name}${reason}`, settings, () => onSmallDisk(options, test));
}

for (const format of FILES) {
  onDisk(`A28: ${format.name}: a full disk`, "size=64k", async (folder) => {
    const error = await failureOf(() => writeAll(output(format, folder)));
    assertMatch(error.message, /^cannot write \S+\/r[^ ]*: no space left on the disk$/);
    assertEquals(names(folder), []);
  });

  onDisk(`${format.name}: a read-only disk`, "size=64k,ro", async (folder) => {
    const planned = output(format, folder);
    const seen = await failureOf(() => planned.checkTarget());
    assertMatch(seen.message, /^cannot write \S+\/r[^ ]*: the file system is read-only$/);
    // The permission may also be lost between looking and writing.
    const met = await failureOf(() => writeAll(planned));
    assertMatch(met.message, /^cannot write \S+\/r[^ ]*: the file system is read-only$/);
  });

  Deno.test(`${format.name}: a name that is too long`, async () => {
    // 86 letters of three bytes each, and the extension.
    const error = await failureOf(() => output(format, "/nowhere", "和".repeat(86)));
    assertMatch(error.message, /^the name 和+.* has 2\d\d bytes, at most 255 are possible$/);
  });
}

/** Images that are read a second time before they are written: their rows are kept in a file without a name. */
const TWICE = [
  { formatName: "gif", dtype: "uint8", channels: 3, compat: false },
  { formatName: "png", dtype: "float32", channels: 1, compat: true },
  { formatName: "gif", dtype: "float32", channels: 3, compat: true },
] as const;

for (const { formatName, dtype, channels, compat } of TWICE) {
  const planned = (folder: string) => {
    const axes = parseAxes("yxc") ?? [];
    const source = memorySource(filled(dtype, [1, 1, 256, 256, channels], noise), axes);
    const result = { name: "R", source, outputAxes: axes, continuous: true };
    const settings = settingsFor(folder, { formatName, compat });
    return planExport(result, { text: "a", nickname: "a", datasetDir: folder }, settings);
  };
  const name = `${formatName} of ${channels} channels of ${dtype}`;

  onDisk(`${name}: a disk that is full before all rows are kept`, "size=64k", async (folder) => {
    const error = await failureOf(() => writeAll(planned(folder)));
    assertMatch(error.message, /^cannot write \S+\/r[^ ]*: no space left on the disk$/);
    assertEquals(names(folder), []);
  });

  Deno.test(`${name}: nothing is left when the writing is given up`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const { source, open } = planned(folder);
      const sink = await open();
      const region: Region = { start: [0, 0, 0, 0, 0], stop: [1, 1, 99, 256, channels] };
      await sink.write(region, await source.read(region));
      await sink.abort();
      assertEquals(names(folder), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** A folder in the place of the second file of a sequence, which nothing looks at before. */
for (const format of FILES.filter(({ sequence }) => sequence)) {
  Deno.test(`${format.name}: a folder in the place of a later file`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const planned = output(format, folder);
      await Deno.mkdir(planned.plan.slicePaths[1] ?? "");
      const error = await failureOf(() => planned.checkTarget());
      assertMatch(error.message, /^cannot write \S+\/r_1\.[a-z]+: it is a folder$/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/**
 * The traps of packaging.md §0, §4.3, §6: what goes wrong only in a process of its own, at its end, or by its environment.
 */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { openLibrary } from "../../ffi/library.ts";
import { CONSTANTS } from "../../ffi/hdf5_symbols.ts";
import { H5File, isHdf5, NativeError } from "../../ffi/hdf5.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const OLD = `${import.meta.dirname}/../data/hdf5/old.h5`;

// Opened before the tests: it stays open, which they would take for a leak.
await isHdf5(OLD);

/** Starts a program of its own that has all of `ffi/hdf5.ts` and `ffi/tiff.ts`, and the arguments in `Deno.args`. */
function program(text: string, args: readonly string[] = [], env: Record<string, string> = {}): Deno.Command {
  const imports = `import { H5File, shutdown } from "${ROOT}ffi/hdf5.ts"; import { TiffFile } from "${ROOT}ffi/tiff.ts";
    const [path] = Deno.args; void [H5File, shutdown, TiffFile, path];`;
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--ext=ts", "--no-check", "--cached-only", `${imports}${text}`, ...args],
    cwd: ROOT,
    env,
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs such a program to its end. */
async function run(
  text: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await program(text, args, env).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes a file that stays open; its content is only in memory. */
const WRITE = `const file = await H5File.create(path); await file.writeValue("a/b", "text"); console.log("written");`;

Deno.test("identifiers that HDF5 makes at its start are there", () => {
  const library = openLibrary("hdf5", CONSTANTS);
  for (const [name, value] of Object.entries(library.symbols)) assert(value > 0n, `${name} is ${value}`);
  library.close();
});

Deno.test("the program ends with code 0 after HDF5 and libtiff were used", async () => {
  for (const end of ["await shutdown();", "", "await shutdown(); Deno.exit(0);", "Deno.exit(0);"]) {
    const use = `const file = await H5File.open(path); await file.members("/"); await file.close();
      try { await TiffFile.open(path); } catch { console.log("no TIFF"); }`;
    assertEquals(await run(use + end, [OLD]), { code: 0, stdout: "no TIFF\n", stderr: "" }, end);
  }
});

Deno.test("an exit code is kept", async () => {
  const { code } = await run(`await H5File.open(path); await shutdown(); Deno.exitCode = 3;`, [OLD]);
  assertEquals(code, 3);
});

Deno.test("shutdown() completes files that are still open", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/open.h5`;
    assertEquals(await run(`${WRITE} await shutdown();`, [path]), { code: 0, stdout: "written\n", stderr: "" });
    await using file = await H5File.open(path);
    assertEquals(await file.members("a"), [{ name: "b", kind: "dataset" }]);
  });
});

Deno.test("without shutdown() an open file is lost, so every way out needs it", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/lost.h5`;
    assertEquals((await run(WRITE, [path])).code, 0);
    await assertRejects(() => H5File.open(path), NativeError);
  });
});

Deno.test("HDF5 cannot be used after its shutdown", async () => {
  const { code, stderr } = await run(`await shutdown(); await H5File.open(path);`, [OLD]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "HDF5 was used after its shutdown");
});

Deno.test("HDF5 and libtiff print nothing themselves", async () => {
  const text = `for (const open of [H5File.open, TiffFile.open]) {
    for (const name of ["/nowhere", path]) await open(name).catch((error) => console.log(error.name));
  }`;
  const result = await run(text, [`${import.meta.dirname}/traps_test.ts`]);
  assertEquals(result, { code: 0, stdout: "NativeError\n".repeat(4), stderr: "" });
});

Deno.test("no plugin is loaded, wherever HDF5_PLUGIN_PATH points", async () => {
  await withFolder(async (folder) => {
    // A file that is no library: HDF5 would say so if it tried to load it.
    await Deno.writeTextFile(`${folder}/libfilter.so`, "no library");
    const text = `const file = await H5File.open(path); const dataset = await file.dataset("packed/lzf");
      await dataset.read([0], [500]).catch((error) => console.log(error.reason)); await shutdown();`;
    const { code, stdout } = await run(text, [OLD], { HDF5_PLUGIN_PATH: folder });
    assertEquals([code, stdout], [0, "it is packed by the filter lzf (32000), which is not built in\n"]);
  });
});

Deno.test("files are read without a lock, unless HDF5_USE_FILE_LOCKING says so", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/locked.h5`;
    await Deno.copyFile(OLD, path);
    using holder = await Deno.open(path, { read: true, write: true });
    await holder.lock(true);
    const text =
      `const file = await H5File.open(path); console.log((await file.members("/")).length); await shutdown();`;
    const free = await run(text, [path], { HDF5_USE_FILE_LOCKING: "" });
    assertEquals(free, { code: 0, stdout: "8\n", stderr: "" });
    const { code, stderr } = await run(text, [path], { HDF5_USE_FILE_LOCKING: "TRUE" });
    assertEquals(code, 1);
    assertMatch(stderr, /unable to lock file/);
    await holder.unlock();
  });
});

Deno.test({
  name: "a signal is handled while a long call runs",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await withFolder(async (folder) => {
      const text = `
        const size = 256 * 2 ** 20;
        const file = await H5File.create(path);
        const dataset = await file.createDataset("d", { dtype: "uint8", shape: [size], chunk: [2 ** 20], gzip: 9 });
        const data = new Uint8Array(size);
        for (let i = 0; i < size; i++) data[i] = (i * i) >> 9;
        let done = false;
        Deno.addSignalListener("SIGTERM", () => { console.log(done ? "after" : "during"); Deno.exit(7); });
        const written = dataset.write([0], [size], data).then(() => { done = true; });
        console.log("begun");
        await written;
        console.log("never seen");`;
      const child = program(text, [`${folder}/long.h5`]).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let output = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        output += value;
        if (output === "begun\n") child.kill("SIGTERM");
      }
      await child.stderr.cancel();
      assertEquals([(await child.status).code, output], [7, "begun\nduring\n"]);
    });
  },
});

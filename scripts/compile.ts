/**
 * Packs the program into one executable; started by `scripts/compile`.
 *
 * @module
 */
import { ensureDir } from "@std/fs";
import { dirname, resolve } from "@std/path";
import { hostTarget, libraryFile, type LibraryName, type Target } from "../ffi/target.ts";
import { BuildError, removeIfThere, run, say } from "../native/build/run.ts";
import { TARGETS } from "../native/build/targets.ts";
import { bundle } from "./bundle.ts";
import { fetchRuntime } from "./denort.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");

/** The native libraries as they are embedded: OpenBLAS compressed, because few workflows open it. */
const EMBEDDED: Readonly<Record<LibraryName, string>> = {
  hdf5: "",
  ilh_tiff: "",
  ilh_kernels: "",
  scipy_openblas: ".gz",
};

/**
 * What the program may do; fixed in the executable. All of it: Deno guards `/proc` and `/sys` (control groups) apart, remote
 * images need the network, and native code is beyond any permission anyway.
 */
const PERMISSIONS = ["--allow-all"] as const;

/**
 * Packs the program.
 *
 * @param target the system it runs on; its native libraries must be built
 * @param output the executable
 * @throws {BuildError} if a step fails
 */
async function compile(target: Target, output: string): Promise<void> {
  const cache = Deno.env.get("ILASTIK_HEADLESS_CACHE");
  if (!cache) throw new BuildError("start this with scripts/compile");
  const libraries = (Object.keys(EMBEDDED) as LibraryName[])
    .map((name) => `native/dist/${target}/${libraryFile(name, target)}${EMBEDDED[name]}`);
  await ensureDir(dirname(output));
  await run("check the types", Deno.execPath(), ["check", "--quiet", "--frozen", "main.ts"], { cwd: ROOT });
  const folder = await Deno.makeTempDir({ dir: ROOT, prefix: "bundle-", suffix: ".part" });
  try {
    await run("pack the program", Deno.execPath(), [
      ...["compile", "--quiet", "--frozen", "--cached-only", "--no-prompt", "--no-check", "--no-code-cache"],
      ...PERMISSIONS,
      ...["--target", TARGETS[target].deno],
      ...libraries.flatMap((file) => ["--include", file]),
      ...["--output", output, await bundle(ROOT, folder)],
    ], { cwd: ROOT, env: { DENORT_BIN: await fetchRuntime(target, cache) } });
  } finally {
    await removeIfThere(folder);
  }
  const { size } = await Deno.stat(output);
  say(`${output}: ${(size / 1e6).toFixed(1)} MB for ${target}`);
}

/** Reads `[--output FILE] [TARGET]`. */
function parse(args: readonly string[]): { target: Target; output: string } {
  const rest = [...args];
  let output = `${ROOT}/dist/ilastik-headless`;
  if (rest[0] === "--output") {
    const [, file] = rest.splice(0, 2);
    if (!file) throw new BuildError("--output needs a file");
    output = resolve(file);
  }
  const [name = hostTarget(), ...more] = rest;
  const target = (Object.keys(TARGETS) as Target[]).find((known) => known === name);
  if (target === undefined || more.length > 0) {
    throw new BuildError(`unknown arguments \`${rest.join(" ")}\`; see scripts/compile --help`);
  }
  return { target, output };
}

if (import.meta.main) {
  try {
    const { target, output } = parse(Deno.args);
    await compile(target, output);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    say(`compile: error: ${error.message}`);
    Deno.exit(1);
  }
}

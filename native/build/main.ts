/**
 * Builds the native libraries of a target into `native/dist/<target>`; started by `scripts/build`.
 *
 * Foreign libraries come out of the cache (built when needed), our own are compiled each time. A file in
 * `native/dist` is replaced in one step and only when its content changed, so that running programs keep theirs.
 *
 * @module
 */
import { ensureDir } from "@std/fs";
import { resolve } from "@std/path";
import { hostTarget, libraryFile, type Target } from "../../ffi/target.ts";
import { writeManifest } from "./manifest.ts";
import { buildOwn } from "./own.ts";
import { BuildError, removeIfThere, say, sha256OfFile } from "./run.ts";
import { TARGETS } from "./targets.ts";
import { buildThirdParty } from "./third_party.ts";
import { makeToolchain } from "./toolchain.ts";

const DIST = resolve(import.meta.dirname ?? ".", "../dist");

/** An environment variable that the shell script sets. */
function setting(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new BuildError(`${name} is not set; start this with scripts/build`);
  return value;
}

/** Puts a file under its final name, unless the same bytes are there already. */
async function replace(from: string, to: string): Promise<void> {
  if (sha256OfFile(from) === sha256OfFile(to)) return;
  await Deno.copyFile(from, `${to}.part`);
  await Deno.rename(`${to}.part`, to);
}

/** Builds one target. */
async function buildTarget(target: Target): Promise<void> {
  const toolchain = await makeToolchain(target, setting("ILASTIK_HEADLESS_TOOLS"), setting("ILASTIK_HEADLESS_CACHE"));
  const prefix = await buildThirdParty(toolchain);
  const dist = `${DIST}/${target}`;
  const fresh = `${dist}.part`;
  await removeIfThere(fresh);
  await ensureDir(fresh);
  await ensureDir(dist);
  try {
    const own = await buildOwn(toolchain, prefix, fresh);
    const openBlas = libraryFile("scipy_openblas", target);
    const hdf5 = libraryFile("hdf5", target);
    await replace(`${prefix}/lib/libhdf5.shared`, `${dist}/${hdf5}`);
    for (const file of [openBlas, `${openBlas}.gz`]) await replace(`${prefix}/lib/${file}`, `${dist}/${file}`);
    for (const file of own) await replace(`${fresh}/${file}`, `${dist}/${file}`);
    await writeManifest(dist, [hdf5, openBlas, `${openBlas}.gz`, ...own].sort());
  } finally {
    await removeIfThere(fresh);
  }
}

/** Reads the target from the arguments. */
function targetOf(args: readonly string[]): Target {
  const [name = hostTarget()] = args;
  const target = Object.keys(TARGETS).find((known) => known === name);
  if (target === undefined) {
    throw new BuildError(`unknown target \`${name}\`; known are ${Object.keys(TARGETS).join(", ")}`);
  }
  return target as Target;
}

if (import.meta.main) {
  try {
    await buildTarget(targetOf(Deno.args));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    say(`build: error: ${error.message}`);
    Deno.exit(1);
  }
}

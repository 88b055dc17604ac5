/**
 * Runs our C code under sanitizers; started by `scripts/sanitize`.
 *
 * Every file of `tests/sanitize/*.c` is a program of its own. It is linked with our sources, all of them compiled with
 * the sanitizers, and must end with 0. zig compiles; the run-time part of the address sanitizer comes from the
 * system's compiler, where there is one.
 *
 * @module
 */
import { expandGlob } from "@std/fs";
import { basename, resolve } from "@std/path";
import { hostTarget } from "../../ffi/target.ts";
import { OWN_FLAGS, OWN_LIBRARIES, sourcesOf } from "./own.ts";
import { TIFF_ARCHIVES } from "./recipes.ts";
import { BuildError, inParallel, run, say } from "./run.ts";
import { buildThirdParty } from "./third_party.ts";
import { makeToolchain, type Toolchain } from "./toolchain.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "../..");

/** What the machine can find, and with which compiler the programs are linked for it. */
interface Sanitizer {
  readonly name: string;
  readonly linker: string;
  readonly flags: readonly string[];
}

/** Slow enough to be exact about lines, fast enough for whole images. */
const COMMON = ["-O1", "-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all", "-fsanitize=undefined"];

/** Whether a compiler can build a program with the address sanitizer. */
async function hasAddressSanitizer(compiler: string, work: string): Promise<boolean> {
  await Deno.writeTextFile(`${work}/empty.c`, "int main(void) { return 0; }\n");
  try {
    await run("try the address sanitizer", compiler, ["-fsanitize=address", `${work}/empty.c`, "-o", `${work}/empty`]);
    await run("try the address sanitizer", `${work}/empty`, []);
    return true;
  } catch (error) {
    if (error instanceof BuildError) return false;
    throw error;
  }
}

/** What this machine has: zig compiles for every sanitizer, but has no run-time part of the address sanitizer. */
async function chooseSanitizer(zig: string, work: string): Promise<Sanitizer> {
  if (await hasAddressSanitizer("cc", work)) {
    // Indirect calls of another type are not in the run-time part of older compilers.
    const flags = [...COMMON, "-fno-sanitize=function", "-fsanitize=address"];
    return { name: "addresses and undefined behaviour", linker: "cc", flags };
  }
  say("sanitize: no address checks: `cc` is missing or has no address sanitizer");
  return { name: "undefined behaviour", linker: zig, flags: COMMON };
}

/** Builds and runs every program; returns how many passed and failed. */
async function check(
  { name: what, linker, flags: sanitize }: Sanitizer,
  { wrappers, env }: Toolchain,
  prefix: string,
  work: string,
): Promise<{ passed: number; failed: number }> {
  const includes = [`-I${ROOT}/native/include`, `-I${ROOT}/native/src`, `-I${prefix}/include`];
  const common = [...OWN_FLAGS.filter((flag) => flag !== "-O3"), ...sanitize, "-fPIC", ...includes];
  const compile = async (source: string, more: readonly string[]): Promise<string> => {
    const object = `${work}/${source.slice(ROOT.length + 1).replaceAll("/", "-")}.o`;
    await run(`compile ${basename(source)}`, wrappers.cc, [...common, ...more, "-c", source, "-o", object], { env });
    return object;
  };
  const objects: string[] = [];
  for (const library of OWN_LIBRARIES) {
    await inParallel(await sourcesOf(library, hostTarget()), async ({ path, flags }) => {
      objects.push(await compile(path, flags));
    });
  }
  const sums = { passed: 0, failed: 0 };
  for await (const { path, name } of expandGlob(`${ROOT}/tests/sanitize/*.c`)) {
    const program = `${work}/${basename(path, ".c")}`;
    try {
      const parts = [
        await compile(path, []),
        ...objects,
        ...TIFF_ARCHIVES.map((archive) => `${prefix}/lib/${archive}`),
      ];
      const link = linker === "cc" ? ["-fsanitize=address,undefined"] : sanitize;
      await run(`link ${name}`, linker, [...link, "-o", program, ...parts, "-lm", "-pthread"], { env });
      await run(`run ${name}`, program, []);
      say(`${name}: ${what} ... ok`);
      sums.passed++;
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      say(`${name}: ${what} ... FAILED\n${error.message}`);
      sums.failed++;
    }
  }
  return sums;
}

if (import.meta.main) {
  const cache = Deno.env.get("ILASTIK_HEADLESS_CACHE") ?? "";
  const toolchain = await makeToolchain(hostTarget(), Deno.env.get("ILASTIK_HEADLESS_TOOLS") ?? "", cache);
  const prefix = await buildThirdParty(toolchain);
  const work = await Deno.makeTempDir({ prefix: "ilastik-headless-sanitize-" });
  let sums = { passed: 0, failed: 1 };
  try {
    sums = await check(await chooseSanitizer(toolchain.wrappers.cc, work), toolchain, prefix, work);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    say(`sanitize: error: ${error.message}`);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  say(`${sums.passed} passed, ${sums.failed} failed`);
  if (sums.failed > 0) Deno.exit(1);
}

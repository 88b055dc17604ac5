/**
 * OpenBLAS, ready-made: the shared library inside the wheel of `scipy-openblas32`.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { libraryFile, type Target } from "../../ffi/target.ts";
import { removeIfThere, run } from "./run.ts";
import { TARGETS } from "./targets.ts";

/** Headers by which the symbol table is checked. */
const HEADERS = ["cblas.h", "lapacke.h", "openblas_config.h"] as const;

/**
 * Fetches OpenBLAS into a prefix: the library as it is, and compressed for the executable (7.7 instead of 25 MB).
 *
 * @param target what it is for
 * @param prefix folder with `lib` and `include`
 * @throws {BuildError} if Python or pip is missing, or the wheel cannot be had
 */
export async function fetchOpenBlas(target: Target, prefix: string): Promise<void> {
  const unpacked = `${prefix}/openblas`;
  await run("fetch OpenBLAS", "python3", [
    ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"],
    ...["--require-hashes", "--platform", TARGETS[target].wheelPlatform, "--target", unpacked],
    ...["-r", `${import.meta.dirname}/openblas.txt`],
  ]);
  const file = libraryFile("scipy_openblas", target);
  const bytes = await Deno.readFile(`${unpacked}/scipy_openblas32/lib/${file}`);
  await Deno.writeFile(`${prefix}/lib/${file}`, bytes);
  await Deno.writeFile(`${prefix}/lib/${file}.gz`, gzipSync(bytes, { level: 9 }));
  await Deno.mkdir(`${prefix}/include/openblas`);
  for (const header of HEADERS) {
    await Deno.copyFile(`${unpacked}/scipy_openblas32/include/${header}`, `${prefix}/include/openblas/${header}`);
  }
  await removeIfThere(unpacked);
}

/**
 * Builds our own two libraries: the kernels, and the plain functions around libtiff.
 *
 * Every file goes through the compiler at each build; zig's cache knows the headers each one reads, so that only what
 * changed takes time.
 *
 * @module
 */
import { ensureDir, walk } from "@std/fs";
import { basename, relative, resolve } from "@std/path";
import { libraryFile, type LibraryName, type Target } from "../../ffi/target.ts";
import { TIFF_ARCHIVES } from "./recipes.ts";
import { inParallel, run } from "./run.ts";
import { TARGETS } from "./targets.ts";
import { commonFlags, type Toolchain } from "./toolchain.ts";

/** Folder `native`. */
const NATIVE = resolve(import.meta.dirname ?? ".", "..");

/** Flags of our own C: strict, all warnings are errors, floating point as written, nothing exported by accident. */
export const OWN_FLAGS = [
  "-std=c11",
  "-O3",
  "-ffp-contract=off",
  "-fno-math-errno",
  "-fvisibility=hidden",
  "-Wall",
  "-Wextra",
  "-Werror",
  // Wide vectors are only passed between functions that are inlined, never across files.
  "-Wno-psabi",
  `-ffile-prefix-map=${NATIVE}=native`,
] as const;

/**
 * Extra flags of a file by the end of its name and the target's CPU; a file without flags for the CPU is left out. The
 * baseline of x86-64 is SSE2, that of arm64 has NEON.
 */
const VARIANTS: Readonly<Record<string, Readonly<Record<"x64" | "arm64", readonly string[] | undefined>>>> = {
  _avx2: { x64: ["-mavx2", "-mfma", "-mf16c"], arm64: undefined },
  _avx512: {
    x64: [..."f dq bw vl".split(" ").map((set) => `-mavx512${set}`), "-mevex512", "-mavx2", "-mfma", "-mf16c"],
    arm64: undefined,
  },
  _neon: { x64: undefined, arm64: [] },
};

/** A library made of the C files of one folder. */
export interface OwnLibrary {
  /** What it is called. */
  readonly name: LibraryName;
  /** Folder below `native` with its C files. */
  readonly folder: string;
  /** Archives of the foreign libraries that are linked into it; what is not used of them stays out. */
  readonly archives: readonly string[];
}

/** Our libraries. */
export const OWN_LIBRARIES: readonly OwnLibrary[] = [
  { name: "ilh_kernels", folder: "src", archives: ["libdeflate.a"] },
  { name: "ilh_tiff", folder: "tiff", archives: TIFF_ARCHIVES },
];

/** Flags of the variant that a file's name ends in; undefined if the target has no such variant. */
function variantFlags(file: string, target: Target): readonly string[] | undefined {
  const suffix = Object.keys(VARIANTS).find((end) => basename(file, ".c").endsWith(end));
  return suffix === undefined ? [] : VARIANTS[suffix]?.[target.endsWith("-x64") ? "x64" : "arm64"];
}

/**
 * The C files that a library is made of.
 *
 * @param library the library
 * @param target what it is for
 * @returns paths, each with the extra flags it needs
 */
export async function sourcesOf(
  library: OwnLibrary,
  target: Target,
): Promise<{ path: string; flags: readonly string[] }[]> {
  const found: { path: string; flags: readonly string[] }[] = [];
  for await (const { path } of walk(`${NATIVE}/${library.folder}`, { exts: [".c"], includeDirs: false })) {
    const flags = variantFlags(path, target);
    if (flags !== undefined) found.push({ path, flags });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function buildOne(library: OwnLibrary, prefix: string, output: string, toolchain: Toolchain): Promise<void> {
  const { target, wrappers, env } = toolchain;
  const objects = `${toolchain.cache}/objects/${target}/${library.name}`;
  await ensureDir(objects);
  const includes = [`-I${NATIVE}/include`, `-I${prefix}/include`];
  const sources = await sourcesOf(library, target);
  const objectOf = (path: string): string => `${objects}/${relative(NATIVE, path).replaceAll("/", "-")}.o`;
  await inParallel(sources, async ({ path, flags }) => {
    const args = [...commonFlags(target), ...OWN_FLAGS, ...flags, ...includes, "-c", path, "-o", objectOf(path)];
    await run(`compile ${library.name}`, wrappers.cc, args, { env });
  });
  await run(`link ${library.name}`, wrappers.cc, [
    ...["-shared", "-o", output, ...sources.map(({ path }) => objectOf(path))],
    ...library.archives.map((archive) => `${prefix}/lib/${archive}`),
    ...TARGETS[target].link,
    ...(TARGETS[target].cmakeSystem === "Linux" ? ["-lm", "-pthread"] : []),
  ], { env });
}

/**
 * Builds our libraries into a folder.
 *
 * @param toolchain the target and the programs
 * @param prefix folder with the foreign libraries
 * @param folder where they go
 * @returns their file names
 * @throws {BuildError} if a file does not compile
 */
export async function buildOwn(toolchain: Toolchain, prefix: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const library of OWN_LIBRARIES) {
    const file = libraryFile(library.name, toolchain.target);
    await buildOne(library, prefix, `${folder}/${file}`, toolchain);
    files.push(file);
  }
  return files;
}

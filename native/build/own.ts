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
const OWN_FLAGS = [
  "-std=c11",
  "-O3",
  "-ffp-contract=off",
  "-fno-math-errno",
  "-fvisibility=hidden",
  "-Wall",
  "-Wextra",
  "-Werror",
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
interface OwnLibrary {
  readonly name: LibraryName;
  /** Folder below `native` with its C files. */
  readonly folder: string;
  /** Archives of the foreign libraries that are linked into it; what is not used of them stays out. */
  readonly archives: readonly string[];
}

/** Our libraries. */
const OWN: readonly OwnLibrary[] = [
  { name: "ilh_kernels", folder: "src", archives: ["libdeflate.a"] },
  { name: "ilh_tiff", folder: "tiff", archives: TIFF_ARCHIVES },
];

/** Flags of the variant that a file's name ends in; undefined if the target has no such variant. */
function variantFlags(file: string, target: Target): readonly string[] | undefined {
  const suffix = Object.keys(VARIANTS).find((end) => basename(file, ".c").endsWith(end));
  return suffix === undefined ? [] : VARIANTS[suffix]?.[target.endsWith("-x64") ? "x64" : "arm64"];
}

async function buildOne(library: OwnLibrary, prefix: string, output: string, toolchain: Toolchain): Promise<void> {
  const { target, wrappers, env } = toolchain;
  const source = `${NATIVE}/${library.folder}`;
  const objects = `${toolchain.cache}/objects/${target}/${library.name}`;
  await ensureDir(objects);
  const includes = [`-I${NATIVE}/include`, `-I${prefix}/include`];
  const jobs: { args: string[]; object: string }[] = [];
  for await (const { path } of walk(source, { exts: [".c"], includeDirs: false })) {
    const variant = variantFlags(path, target);
    if (variant === undefined) continue;
    const object = `${objects}/${relative(source, path).replaceAll("/", "-")}.o`;
    jobs.push({
      args: [...commonFlags(target), ...OWN_FLAGS, ...variant, ...includes, "-c", path, "-o", object],
      object,
    });
  }
  await inParallel(jobs, async ({ args }) => {
    await run(`compile ${library.name}`, wrappers.cc, args, { env });
  });
  await run(`link ${library.name}`, wrappers.cc, [
    ...["-shared", "-o", output, ...jobs.map(({ object }) => object).sort()],
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
  for (const library of OWN) {
    const file = libraryFile(library.name, toolchain.target);
    await buildOne(library, prefix, `${folder}/${file}`, toolchain);
    files.push(file);
  }
  return files;
}

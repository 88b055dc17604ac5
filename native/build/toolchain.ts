/**
 * zig as the C compiler of every target: the wrapper programs and the toolchain file that CMake wants.
 *
 * @module
 */
import { ensureDir } from "@std/fs";
import type { Target } from "../../ffi/target.ts";
import { TARGETS } from "./targets.ts";

/** Folders and programs of one build. */
export interface Toolchain {
  /** The target. */
  readonly target: Target;
  /** Our cache folder. */
  readonly cache: string;
  /** zig, CMake and Ninja. */
  readonly zig: string;
  readonly cmake: string;
  readonly ninja: string;
  /** `<target>-cc`, `-ar`, `-ranlib`, `-rc`: zig with the target's options. */
  readonly wrappers: Readonly<Record<"cc" | "cxx" | "ar" | "ranlib" | "rc", string>>;
  /** What zig needs in its environment. */
  readonly env: Record<string, string>;
}

/**
 * Flags of every C file of a target: optimised (zig traps on undefined behaviour otherwise), without debug information,
 * floating point exactly as written.
 *
 * @param target the target
 * @returns compiler flags
 */
export function commonFlags(target: Target): string[] {
  return ["-O2", "-g0", "-ffp-contract=off", ...TARGETS[target].compile];
}

/**
 * Writes the wrapper programs.
 *
 * @param target what is built for
 * @param tools folder with the pinned tools
 * @param cache our cache folder
 * @returns the programs
 */
export async function makeToolchain(target: Target, tools: string, cache: string): Promise<Toolchain> {
  const zig = `${tools}/ziglang/zig`;
  const folder = `${cache}/zig-wrappers/${target}`;
  await ensureDir(folder);
  const triple = TARGETS[target].zig;
  const commands = {
    cc: `cc -target ${triple}`,
    cxx: `c++ -target ${triple}`,
    ar: "ar",
    ranlib: "ranlib",
    rc: "rc",
  };
  for (const [name, command] of Object.entries(commands)) {
    const script = `#!/bin/sh\nexec "${zig}" ${command} "$@"\n`;
    await Deno.writeTextFile(`${folder}/${name}`, script, { mode: 0o755 });
  }
  return {
    target,
    cache,
    zig,
    cmake: `${tools}/cmake/data/bin/cmake`,
    ninja: `${tools}/bin/ninja`,
    wrappers: {
      cc: `${folder}/cc`,
      cxx: `${folder}/cxx`,
      ar: `${folder}/ar`,
      ranlib: `${folder}/ranlib`,
      rc: `${folder}/rc`,
    },
    env: { ZIG_GLOBAL_CACHE_DIR: `${cache}/zig-cache`, ZIG_LOCAL_CACHE_DIR: `${cache}/zig-cache` },
  };
}

/**
 * Writes CMake's toolchain file.
 *
 * @param toolchain the programs
 * @param prefix where the libraries built before lie; nothing is looked for elsewhere
 * @param path where it is written
 */
export async function writeToolchainFile(toolchain: Toolchain, prefix: string, path: string): Promise<void> {
  const { cmakeSystem, processor } = TARGETS[toolchain.target];
  const { wrappers } = toolchain;
  const settings = {
    CMAKE_SYSTEM_NAME: cmakeSystem,
    CMAKE_SYSTEM_PROCESSOR: processor,
    CMAKE_C_COMPILER: wrappers.cc,
    CMAKE_CXX_COMPILER: wrappers.cxx,
    CMAKE_AR: wrappers.ar,
    CMAKE_RANLIB: wrappers.ranlib,
    CMAKE_RC_COMPILER: wrappers.rc,
    CMAKE_FIND_ROOT_PATH: prefix,
    CMAKE_FIND_ROOT_PATH_MODE_PROGRAM: "NEVER",
    CMAKE_FIND_ROOT_PATH_MODE_LIBRARY: "ONLY",
    CMAKE_FIND_ROOT_PATH_MODE_INCLUDE: "ONLY",
    CMAKE_FIND_ROOT_PATH_MODE_PACKAGE: "ONLY",
  };
  await Deno.writeTextFile(
    path,
    Object.entries(settings).map(([name, value]) => `set(${name} "${value}")\n`).join(""),
  );
}

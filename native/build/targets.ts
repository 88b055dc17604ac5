/**
 * The five systems that the program is built for: how zig, CMake, Deno and pip call each.
 *
 * @module
 */
import type { Target } from "../../ffi/target.ts";

/** One system as the build tools see it. */
export interface TargetTools {
  /** `zig cc -target`; the glibc version is the lowest that the program runs with. */
  readonly zig: string;
  /** `CMAKE_SYSTEM_NAME`. */
  readonly cmakeSystem: "Linux" | "Windows" | "Darwin";
  /** `CMAKE_SYSTEM_PROCESSOR`. */
  readonly processor: string;
  /** `deno compile --target`. */
  readonly deno: string;
  /** `pip --platform` of the OpenBLAS wheel. */
  readonly wheelPlatform: string;
  /** Linker flags of every shared library. */
  readonly link: readonly string[];
  /** Compiler flags of every C file. */
  readonly compile: readonly string[];
}

/**
 * Deno unloads libraries when the program ends, and zig's start files don't run a library's exit handlers then;
 * `nodelete` keeps the library loaded until the process is gone.
 */
const LINUX_LINK = ["-Wl,-z,nodelete", "-s"] as const;

/** The table of targets. */
export const TARGETS: Readonly<Record<Target, TargetTools>> = {
  "linux-x64": {
    zig: "x86_64-linux-gnu.2.27",
    cmakeSystem: "Linux",
    processor: "x86_64",
    deno: "x86_64-unknown-linux-gnu",
    wheelPlatform: "manylinux_2_28_x86_64",
    link: LINUX_LINK,
    compile: ["-fPIC"],
  },
  "linux-arm64": {
    zig: "aarch64-linux-gnu.2.27",
    cmakeSystem: "Linux",
    processor: "aarch64",
    deno: "aarch64-unknown-linux-gnu",
    wheelPlatform: "manylinux_2_28_aarch64",
    link: LINUX_LINK,
    compile: ["-fPIC"],
  },
  "windows-x64": {
    zig: "x86_64-windows-gnu",
    cmakeSystem: "Windows",
    processor: "AMD64",
    deno: "x86_64-pc-windows-msvc",
    wheelPlatform: "win_amd64",
    link: ["-s"],
    compile: [],
  },
  "macos-x64": {
    zig: "x86_64-macos.11.0",
    cmakeSystem: "Darwin",
    processor: "x86_64",
    deno: "x86_64-apple-darwin",
    wheelPlatform: "macosx_10_13_x86_64",
    link: ["-s"],
    compile: ["-fPIC"],
  },
  "macos-arm64": {
    zig: "aarch64-macos.11.0",
    cmakeSystem: "Darwin",
    processor: "arm64",
    deno: "aarch64-apple-darwin",
    wheelPlatform: "macosx_11_0_arm64",
    link: ["-s"],
    compile: ["-fPIC"],
  },
};

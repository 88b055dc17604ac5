/**
 * Which instruction set the kernels use.
 *
 * @module
 */
import { kernels } from "../../ffi/kernels.ts";
import { UserError } from "../array/mod.ts";

/** Names of the instruction sets by their number in C (`ilh_level`). */
const NAMES = ["scalar", "portable", "neon", "avx2", "avx512"] as const;

/** Environment variable that forces one; the C library reads it. */
const VARIABLE = "ILASTIK_HEADLESS_SIMD";

/**
 * The widest instruction set of this machine, or the one that the environment variable `ILASTIK_HEADLESS_SIMD` names.
 *
 * @returns its number in C
 * @throws {UserError} kind `usage` when the variable names none, or one that this machine cannot run
 */
export function kernelLevel(): number {
  const { ilh_cpu_level, ilh_cpu_has } = kernels();
  const level = ilh_cpu_level();
  if (level >= 0) return level;
  const possible = NAMES.filter((_, i) => ilh_cpu_has(i) === 1);
  throw new UserError("usage", `${VARIABLE} names an instruction set that this machine does not have`, {
    hint: `set it to one of ${possible.join(", ")}, or unset it`,
  });
}

/** Instruction sets that this machine can run, narrowest first, and the one that the kernels use. */
export function instructionSets(): { readonly used: string; readonly available: readonly string[] } {
  const { ilh_cpu_has } = kernels();
  return { used: NAMES[kernelLevel()] ?? "unknown", available: NAMES.filter((_, i) => ilh_cpu_has(i) === 1) };
}

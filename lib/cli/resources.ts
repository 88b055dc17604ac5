/**
 * Threads and memory that this run may use: options, environment, and what the system gives to the process.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";

/** What a run may use. */
export interface Resources {
  /** Blocks computed at the same time. */
  readonly threads: number;
  /** Bytes that the whole process may use. */
  readonly memory: number;
  /** Where each figure comes from, for `--verbose`. */
  readonly origin: { readonly threads: string; readonly memory: string };
}

/** What is asked to find the resources; replaced in tests. */
export interface ResourceSystem {
  /** An environment variable. */
  env(name: string): string | undefined;
  /** CPUs that the process may run on, by affinity mask and CPU quota. */
  cpus(): number;
  /** Physical memory in bytes. */
  physicalMemory(): number;
  /** The text of a file, `undefined` when it cannot be read. */
  text(path: string): string | undefined;
}

/** The machine that the program runs on. */
export const THIS_SYSTEM: ResourceSystem = {
  env: (name) => Deno.env.get(name),
  cpus: () => navigator.hardwareConcurrency,
  physicalMemory: () => Deno.systemMemoryInfo().total,
  text: (path) => {
    try {
      return Deno.readTextFileSync(path);
    } catch {
      return undefined; // an absent limit is no limit
    }
  },
};

const MIB = 1024 * 1024;
/** ilastik refuses smaller values, since people write gigabytes where megabytes are meant. */
const LEAST_RAM_MB = 500;
/** Share of the available memory that is used when nobody says otherwise. */
const DEFAULT_SHARE = 0.75;
/** Batch systems that say how many CPUs a job has. */
const CPU_VARIABLES = ["SLURM_CPUS_PER_TASK", "NSLOTS", "PBS_NCPUS", "NCPUS"];

/**
 * Finds threads and memory (cli-and-io.md §1.4): option, then environment, then what the process may really use.
 *
 * @param threads value of `--threads`
 * @param memory value of `--memory`
 * @param config `[lazyflow] threads` and `total_ram_mb` of the configuration file, as they are written
 * @throws {UserError} kind `usage` for values that are no numbers or too small
 */
export function findResources(
  options: { threads?: string | undefined; memory?: string | undefined },
  system: ResourceSystem = THIS_SYSTEM,
  config: { threads?: string; totalRamMb?: string } = {},
): Resources {
  const [threads, threadsFrom] = findThreads(options.threads, config.threads, system);
  const [memory, memoryFrom] = findMemory(options.memory, config.totalRamMb, system);
  return { threads, memory, origin: { threads: threadsFrom, memory: memoryFrom } };
}

/**
 * Reads a size such as `800M`, `4G`, `1.5GiB` or plain bytes.
 *
 * @throws {UserError} kind `usage`
 */
export function parseSize(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(i?B)?\s*$/i.exec(text);
  if (match === null) {
    throw new UserError("usage", `cannot read the size \`${text}\` of --memory`, {
      hint: "write for example 800M or 4G",
    });
  }
  const power = ["", "K", "M", "G", "T"].indexOf((match[2] ?? "").toUpperCase());
  return Number(match[1]) * 1024 ** power;
}

function findThreads(
  option: string | undefined,
  configured: string | undefined,
  system: ResourceSystem,
): [number, string] {
  if (option !== undefined) {
    const n = wholeNumber(option, "--threads");
    if (n < 1) throw new UserError("usage", `--threads must be at least 1, found ${option}`);
    return [n, "--threads"];
  }
  const [text, name] = firstSet(
    [system.env("LAZYFLOW_THREADS"), "LAZYFLOW_THREADS"],
    [configured, "[lazyflow] threads of the configuration file"],
  );
  if (text !== undefined) {
    const n = wholeNumber(text, name);
    if (n >= 0) return [Math.max(1, n), name];
  }
  let [best, from] = [system.cpus(), "CPUs of this process"];
  for (const name of CPU_VARIABLES) {
    const n = Number(system.env(name));
    if (Number.isInteger(n) && n >= 1 && n < best) [best, from] = [n, name];
  }
  return [best, from];
}

function findMemory(
  option: string | undefined,
  configured: string | undefined,
  system: ResourceSystem,
): [number, string] {
  if (option !== undefined) return [parseSize(option), "--memory"];
  const [text, name] = firstSet(
    [system.env("LAZYFLOW_TOTAL_RAM_MB"), "LAZYFLOW_TOTAL_RAM_MB"],
    [configured, "[lazyflow] total_ram_mb of the configuration file"],
  );
  if (text !== undefined) {
    const n = wholeNumber(text, name);
    if (n > 0 && n < LEAST_RAM_MB) {
      throw new UserError("usage", `${name} is ${n}, at least ${LEAST_RAM_MB} is needed`, {
        hint: "the unit is megabytes; --memory takes smaller budgets",
      });
    }
    if (n > 0) return [n * MIB, name];
  }
  const limits: [number, string][] = [[system.physicalMemory(), "physical memory"], ...systemLimits(system)];
  const [least, from] = limits.reduce((a, b) => b[0] < a[0] ? b : a);
  return [Math.floor(least * DEFAULT_SHARE), `${DEFAULT_SHARE * 100} % of ${from}`];
}

/** Limits of control groups, of batch systems and of the address space. */
function systemLimits(system: ResourceSystem): [number, string][] {
  const limits: [number, string][] = [];
  const add = (bytes: number, from: string): void => {
    if (Number.isFinite(bytes) && bytes > 0) limits.push([bytes, from]);
  };
  for (const path of cgroupFiles(system)) add(Number.parseInt(system.text(path) ?? "", 10), `cgroup limit ${path}`);
  add(Number(system.env("SLURM_MEM_PER_NODE")) * MIB, "SLURM_MEM_PER_NODE");
  const cpus = Number(system.env("SLURM_CPUS_ON_NODE") ?? system.env("SLURM_CPUS_PER_TASK") ?? "1");
  add(Number(system.env("SLURM_MEM_PER_CPU")) * cpus * MIB, "SLURM_MEM_PER_CPU");
  add(addressSpace(system), "the address space that `ulimit -v` leaves");
  return limits;
}

/**
 * Bytes that the process could have in memory before it reaches its limit of the address space: what is in memory now,
 * and what it may still map. The runtime maps 17 GB when it starts and uses next to nothing of it.
 */
function addressSpace(system: ResourceSystem): number {
  const limit = /^Max address space +(\d+) /m.exec(system.text("/proc/self/limits") ?? "");
  const status = system.text("/proc/self/status") ?? "";
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? NaN);
  return Number(limit?.[1] ?? NaN) - 1024 * (kilobytes("VmSize") - kilobytes("VmRSS"));
}

/** Files with the memory limits of this process's control group and all groups above it (versions 1 and 2). */
function cgroupFiles(system: ResourceSystem): string[] {
  const files: string[] = [];
  for (const line of (system.text("/proc/self/cgroup") ?? "").split("\n")) {
    const [, controllers, path] = line.split(":");
    if (path === undefined) continue;
    const unified = controllers === "";
    if (!unified && !controllers?.split(",").includes("memory")) continue;
    const [root, file] = unified
      ? ["/sys/fs/cgroup", "memory.max"]
      : ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"];
    for (let group = path;; group = group.slice(0, group.lastIndexOf("/"))) {
      files.push(`${root}${group === "/" ? "" : group}/${file}`);
      if (group === "" || group === "/") break;
    }
  }
  return files;
}

/** The first text that says something, with its name. */
function firstSet(...candidates: (readonly [string | undefined, string])[]): readonly [string | undefined, string] {
  return candidates.find(([text]) => text !== undefined && text.trim() !== "") ?? [undefined, ""];
}

function wholeNumber(text: string, name: string): number {
  if (!/^[+-]?\d+$/.test(text.trim())) {
    throw new UserError("usage", `${name} must be a whole number, found \`${text}\``);
  }
  return Number(text);
}

/**
 * `doctor`: what the program sees of the machine, and whether everything it needs is there.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "@std/path";
import { format as formatBytes } from "@std/fmt/bytes";
import { errorText } from "../../array/mod.ts";
import { tiffVersions } from "../../inputs/mod.ts";
import { hdf5Version } from "../../project/mod.ts";
import { instructionSets, openBlasVersion } from "../../workflows/mod.ts";
import { findResources, THIS_SYSTEM } from "../resources.ts";
import { VERSION } from "../version.ts";
import type { Command, CommandContext } from "./command.ts";

/** One fact, and whether it is as it must be. */
export interface Finding {
  /** Name. */
  readonly name: string;
  /** How it takes its value. */
  readonly value: string;
  /** Whether all is well. */
  readonly ok: boolean;
}

/** What `doctor --json` prints. Fields are only ever added while `schema` is 1. */
export interface Diagnosis {
  /** Version of this structure; raised when fields change their meaning. */
  readonly schema: 1;
  /** Version of the program. */
  readonly version: string;
  /** Whether all findings are as they must be. */
  readonly ok: boolean;
  /** Findings by topic. */
  readonly sections: readonly { readonly title: string; readonly findings: readonly Finding[] }[];
}

/** Environment variables that change what the program does, by their beginnings. */
const VARIABLES: readonly RegExp[] = [
  /^LAZYFLOW_(THREADS|TOTAL_RAM_MB)$/,
  /^ILASTIK_COMPAT$/,
  /^ILASTIK_HEADLESS_/,
  /^HDF5_USE_FILE_LOCKING$/,
  /^SLURM_(CPUS|MEM)_/,
  /^(NSLOTS|PBS_NCPUS|NCPUS)$/,
  /^(TMPDIR|TEMP|TMP|XDG_CACHE_HOME|XDG_CONFIG_HOME)$/,
  /^NO_COLOR$/,
];

/** The sub-command. */
export const DOCTOR: Command = {
  name: "doctor",
  usage: "[--all] [--json]",
  summary: "Show libraries, instruction sets, threads, memory and folders that the program sees, and what is wrong.",
  details: [
    "Shows the versions of the program and of its native libraries, the instruction set that the kernels use " +
    "(ILASTIK_HEADLESS_SIMD forces another), threads and memory with their origin (options, environment, control group, " +
    "Slurm and other batch systems), temporary, cache and current folder with free space, and the environment variables " +
    "that have an effect.",
    "--json prints one object: schema (1), version, ok, sections [{title, findings [{name, value, ok}]}].",
    "Exit code 0 when all is well, 1 when something the program needs is missing.",
  ],
  options: [
    { name: "all", group: "ours", value: "none", help: "Also open the libraries that few workflows need." },
    { name: "json", group: "ours", value: "none", help: "Print one JSON object instead of text." },
  ],
  words: [0, 0],
  async run({ options }, context) {
    const diagnosis = await diagnose(options.has("all"), context);
    context.messages.output(options.has("json") ? JSON.stringify(diagnosis, undefined, 2) : diagnosisText(diagnosis));
    return diagnosis.ok ? 0 : 1;
  },
};

/**
 * Looks at everything.
 *
 * @param all whether libraries are opened that few workflows need
 */
export async function diagnose(all: boolean, context: CommandContext): Promise<Diagnosis> {
  const sections = [
    { title: "program", findings: program() },
    { title: "libraries", findings: await libraries(all) },
    { title: "resources", findings: resources() },
    { title: "folders", findings: await folders(context) },
    { title: "environment", findings: environment() },
  ];
  const ok = sections.every(({ findings }) => findings.every((finding) => finding.ok));
  return { schema: 1, version: VERSION, ok, sections };
}

/** The diagnosis in words. */
export function diagnosisText({ sections, ok }: Diagnosis): string {
  const lines = sections.filter(({ findings }) => findings.length > 0).flatMap(({ title, findings }) => [
    title,
    ...findings.map(findingLine),
    "",
  ]);
  return [...lines, ok ? "everything is as it should be" : "something is wrong, see above"].join("\n");
}

/** What `--version --verbose` says behind the version: the program's and the libraries' lines of `doctor`. */
export async function versionDetails(): Promise<string> {
  return [...program(), ...await libraries(false)].map(findingLine).join("\n");
}

function findingLine({ name, value, ok }: Finding): string {
  return `  ${`${name}:`.padEnd(18)} ${value}${ok ? "" : "  <-- wrong"}`;
}

function program(): Finding[] {
  return [
    fact("version", `ilastik-headless ${VERSION}`),
    fact("executable", Deno.build.standalone ? Deno.execPath() : "run from source"),
    fact("system", `${Deno.build.os} ${Deno.osRelease()}, ${Deno.build.arch}`),
    fact("runtime", `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`),
  ];
}

async function libraries(all: boolean): Promise<Finding[]> {
  return [
    await attempt("HDF5", hdf5Version),
    ...(await attemptMany("libtiff", tiffVersions)),
    await attempt("kernels", () => {
      const { used, available } = instructionSets();
      return `${used} (this machine has ${available.join(", ")})`;
    }),
    all ? await attempt("OpenBLAS", openBlasVersion) : fact("OpenBLAS", "opened only when needed (see --all)"),
  ];
}

function resources(): Finding[] {
  const { total, available } = Deno.systemMemoryInfo();
  const seen: Finding[] = [
    fact("CPUs", `${navigator.hardwareConcurrency} for this process`),
    fact("physical memory", `${bytes(total)}, ${bytes(available)} available`),
    ...controlGroup(),
  ];
  try {
    const { threads, memory, origin } = findResources({});
    return [
      ...seen,
      fact("threads", `${threads} (${origin.threads})`),
      fact("memory", `${bytes(memory)} (${origin.memory})`),
    ];
  } catch (error) {
    return [...seen, { name: "limits", value: errorText(error), ok: false }];
  }
}

/** The control groups of this process on Linux; limits of groups that cannot be read are not seen. */
function controlGroup(): Finding[] {
  if (Deno.build.os !== "linux") return [];
  const groups = THIS_SYSTEM.text("/proc/self/cgroup")?.trim().split("\n").map((line) => line.split(":").at(-1));
  return [fact("control group", groups === undefined ? "cannot be read, its limits are not seen" : `${groups.at(-1)}`)];
}

async function folders({ currentFolder, homeFolder }: CommandContext): Promise<Finding[]> {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? Deno.env.get("LOCALAPPDATA") ??
    (homeFolder === undefined ? undefined : join(homeFolder, ".cache"));
  return [
    await folder("temporary", tmpdir(), true),
    ...(cache === undefined
      ? [fact("cache", "none is known, nothing is kept")]
      : [await folder("cache", cache, false)]),
    await folder("current", currentFolder, false),
  ];
}

/** Free space of a folder and whether files can be made in it; only a folder that is `needed` can be wrong. */
async function folder(name: string, path: string, needed: boolean): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(path);
    const free = `${bytes(bavail * bsize)} free`;
    const writable = await isWritable(path);
    return { name, value: `${path}, ${writable ? "writable" : "not writable"}, ${free}`, ok: writable || !needed };
  } catch (error) {
    return { name, value: `${path}, ${errorText(error)}`, ok: !needed };
  }
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await Deno.remove(await Deno.makeTempFile({ dir: path, prefix: ".ilastik-headless-" }));
    return true;
  } catch {
    return false; // why it cannot be written does not matter to the reader
  }
}

function environment(): Finding[] {
  return Object.entries(Deno.env.toObject())
    .filter(([name]) => VARIABLES.some((pattern) => pattern.test(name)))
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([name, value]) => fact(name, value));
}

function fact(name: string, value: string): Finding {
  return { name, value, ok: true };
}

async function attempt(name: string, read: () => string | Promise<string>): Promise<Finding> {
  try {
    return fact(name, await read());
  } catch (error) {
    return { name, value: errorText(error), ok: false };
  }
}

/** One finding per library inside a library; one for the failure. */
async function attemptMany(
  name: string,
  read: () => readonly (readonly [string, string])[],
): Promise<readonly Finding[]> {
  let found: readonly Finding[] = [];
  const whole = await attempt(name, () => {
    found = read().map(([library, version]) => fact(library, version));
    return "";
  });
  return whole.ok ? found : [whole];
}

function bytes(count: number): string {
  return formatBytes(count, { binary: true, maximumFractionDigits: 1 });
}

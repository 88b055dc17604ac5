/**
 * What a run may use by default: the smallest of what machine, control groups and batch systems give (cli-and-io.md
 * §1.4; users-ask-for.md B6, B7).
 *
 * @module
 */
import { assertEquals, assertLess } from "@std/assert";
import { findResources, type ResourceSystem } from "../../lib/cli/resources.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** A machine of 16 CPUs and 64 GiB with files and environment variables. */
function machine(
  env: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): ResourceSystem {
  return {
    env: (name) => env[name],
    cpus: () => 16,
    physicalMemory: () => 64 * GIB,
    text: (path) => files[path],
  };
}

const V2 = "0::/jobs/job_7/step_0\n";
const V1 = "9:cpu,cpuacct:/x\n5:memory:/slurm/job_7\n0::/\n";
const root = "/sys/fs/cgroup";

/** Lines of `/proc/self/limits`, soft limit first. */
function limitsFile(addressSpace: string): string {
  return [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    "Max resident set          unlimited            unlimited            bytes     ",
    `Max address space         ${addressSpace.padEnd(21)}unlimited            bytes     `,
  ].join("\n");
}

/** Lines of `/proc/self/status` of a process that has mapped 17 GiB and has 64 MiB in memory. */
const STATUS = `VmPeak:\t50861872 kB\nVmSize:\t${17 * 2 ** 20} kB\nVmHWM:\t   70000 kB\nVmRSS:\t   ${64 * 1024} kB\n`;

/** why, environment, files, threads, bytes before the default share, where the bytes come from */
const CASES: readonly (readonly [
  why: string,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  threads: number,
  bytes: number,
  from: string,
])[] = [
  ["nothing said", {}, {}, 16, 64 * GIB, "physical memory"],
  [
    "Slurm, per node",
    { SLURM_CPUS_PER_TASK: "4", SLURM_MEM_PER_NODE: "8000" },
    {},
    4,
    8000 * MIB,
    "SLURM_MEM_PER_NODE",
  ],
  ["Slurm, per CPU", { SLURM_CPUS_PER_TASK: "4", SLURM_MEM_PER_CPU: "2000" }, {}, 4, 8000 * MIB, "SLURM_MEM_PER_CPU"],
  [
    "Slurm, per CPU of the whole allocation",
    { SLURM_CPUS_PER_TASK: "4", SLURM_CPUS_ON_NODE: "8", SLURM_MEM_PER_CPU: "1000" },
    {},
    4,
    8000 * MIB,
    "SLURM_MEM_PER_CPU",
  ],
  ["Grid Engine", { NSLOTS: "3" }, {}, 3, 64 * GIB, "physical memory"],
  ["PBS", { PBS_NCPUS: "6", NCPUS: "7" }, {}, 6, 64 * GIB, "physical memory"],
  ["more CPUs than there are", { NSLOTS: "99", SLURM_CPUS_PER_TASK: "x" }, {}, 16, 64 * GIB, "physical memory"],
  [
    "control group version 2, the limit of a group above",
    {},
    {
      "/proc/self/cgroup": V2,
      [`${root}/jobs/job_7/step_0/memory.max`]: "max\n",
      [`${root}/jobs/job_7/memory.max`]: `${4 * GIB}\n`,
      [`${root}/jobs/memory.max`]: `${5 * GIB}\n`,
    },
    16,
    4 * GIB,
    `cgroup limit ${root}/jobs/job_7/memory.max`,
  ],
  [
    "control group version 2 seen from inside a container",
    {},
    { "/proc/self/cgroup": "0::/\n", [`${root}/memory.max`]: `${2 * GIB}\n` },
    16,
    2 * GIB,
    `cgroup limit ${root}/memory.max`,
  ],
  [
    "control group version 1",
    {},
    {
      "/proc/self/cgroup": V1,
      [`${root}/memory/slurm/job_7/memory.limit_in_bytes`]: `${3 * GIB}\n`,
      [`${root}/memory/memory.limit_in_bytes`]: "9223372036854771712\n",
    },
    16,
    3 * GIB,
    `cgroup limit ${root}/memory/slurm/job_7/memory.limit_in_bytes`,
  ],
  [
    "the smaller of Slurm and control group",
    { SLURM_MEM_PER_NODE: "9000" },
    { "/proc/self/cgroup": "0::/\n", [`${root}/memory.max`]: `${2 * GIB}\n` },
    16,
    2 * GIB,
    `cgroup limit ${root}/memory.max`,
  ],
  [
    "a limit of the address space, less what is mapped, and what is in memory again",
    {},
    { "/proc/self/limits": limitsFile(`${50 * GIB}`), "/proc/self/status": STATUS },
    16,
    50 * GIB - 17 * GIB + 64 * MIB,
    "the address space that `ulimit -v` leaves",
  ],
  [
    "no limit of the address space",
    {},
    { "/proc/self/limits": limitsFile("unlimited"), "/proc/self/status": STATUS },
    16,
    64 * GIB,
    "physical memory",
  ],
  ["no limit said by Slurm", { SLURM_MEM_PER_NODE: "0" }, {}, 16, 64 * GIB, "physical memory"],
];

for (const [why, env, files, threads, bytes, from] of CASES) {
  Deno.test(`B6, B7: default threads and memory: ${why}`, () => {
    const found = findResources({}, machine(env, files));
    assertEquals([found.threads, found.memory], [threads, 0.75 * bytes]);
    assertEquals(found.origin.memory, `75 % of ${from}`);
  });
}

/** Whether the tool that limits a running process is there. */
const HAS_PRLIMIT = await hasPrlimit();

async function hasPrlimit(): Promise<boolean> {
  try {
    return (await new Deno.Command("prlimit", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: "B6: a process whose address space the system limits takes three quarters of what is left",
  ignore: !HAS_PRLIMIT,
  fn: async () => {
    const resources = new URL("../../lib/cli/resources.ts", import.meta.url).href;
    const code = `
      const { findResources } = await import(${JSON.stringify(resources)});
      const size = Number(/VmSize:\\s+(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1]) * 1024;
      const limit = "--as=" + (size + ${400 * MIB});
      await new Deno.Command("prlimit", { args: ["--pid", String(Deno.pid), limit] }).output();
      console.log(JSON.stringify(findResources({})));
    `;
    const env = { LAZYFLOW_TOTAL_RAM_MB: "" };
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: ["eval", "--no-check", code], env })
      .output();
    const text = new TextDecoder();
    assertEquals(text.decode(stderr), "");
    const { memory, origin } = JSON.parse(text.decode(stdout));
    assertEquals(origin.memory, "75 % of the address space that `ulimit -v` leaves");
    // What the process maps and unmaps between the two looks, and what it had in memory, is not known here.
    assertLess(Math.abs(memory / 0.75 - 500 * MIB), 100 * MIB);
  },
});

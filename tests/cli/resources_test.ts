/**
 * What a run may use by default: the smallest of what machine, control groups and batch systems give (cli-and-io.md
 * §1.4; users-ask-for.md B6, B7).
 *
 * @module
 */
import { assertEquals } from "@std/assert";
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
  ["no limit said by Slurm", { SLURM_MEM_PER_NODE: "0" }, {}, 16, 64 * GIB, "physical memory"],
];

for (const [why, env, files, threads, bytes, from] of CASES) {
  Deno.test(`default threads and memory: ${why}`, () => {
    const found = findResources({}, machine(env, files));
    assertEquals([found.threads, found.memory], [threads, 0.75 * bytes]);
    assertEquals(found.origin.memory, `75 % of ${from}`);
  });
}

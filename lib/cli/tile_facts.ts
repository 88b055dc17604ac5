/**
 * What tiles of one run have in common (`--tile`): `merge` joins no others.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Role } from "../workflows/mod.ts";
import type { EffectiveSetting } from "./events.ts";
import { VERSION } from "./version.ts";

/** Options that decide about values or their place. */
const OPTIONS: readonly string[] = [
  "export_dtype",
  "output_axis_order",
  "cutout_subregion",
  "pipeline_result_drange",
  "export_drange",
  "input_axes",
  "ignore_training_axistags",
  "stack_along",
  "natural_sort",
  "scale",
  "input_channels",
  "retrain",
  "tree_count",
  "label_proportion",
  "seed",
];

/** What facts are made of. */
export interface FactSources {
  /** Values of options by table name. */
  readonly options: ReadonlyMap<string, string>;
  /** What they came to. */
  readonly effective: Readonly<Record<string, EffectiveSetting>>;
  /** Path of the project when its content matters. */
  readonly project: string | undefined;
  /** Whether the original's odd choices are reproduced. */
  readonly compat: boolean;
}

/** Facts of a run by name, as messages say them. The project counts by its content: jobs may have copies of it. */
export async function runFacts({ options, effective, project, compat }: FactSources): Promise<Record<string, string>> {
  const given = OPTIONS.flatMap((name) => {
    const value = effective[name]?.value ?? options.get(name);
    return value === undefined || value === null ? [] : [[`--${name}`, value] as const];
  });
  return {
    version: VERSION,
    ...(project === undefined ? {} : { "SHA-256 of the project": await sha256(project) }),
    ...Object.fromEntries(given),
    ...(compat ? { "--compat": "ilastik" } : {}),
  };
}

/**
 * Facts of the inputs: their names without folders, which differ between the machines of a cluster.
 *
 * @param inputs one per role; `undefined` where a role has none
 */
export function inputFacts(
  inputs: readonly ({ readonly nickname: string } | undefined)[],
  roles: readonly Role[],
): Record<string, string> {
  return Object.fromEntries(
    inputs.flatMap((input, i) => input === undefined ? [] : [[`--${roles[i]?.flag ?? ""}`, input.nickname] as const]),
  );
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 20);
  for (let got = await file.read(buffer); got !== null; got = await file.read(buffer)) {
    hash.update(buffer.subarray(0, got));
  }
  return hash.digest("hex");
}

/**
 * Writes tests/data/vigra_trainings.json: figures of 20 trainings by vigra on the labels of each project, for
 * tests/workflows/training_test.ts. Needs the data of all projects, and a Python with vigra (Debian's python3-vigra).
 *
 *   deno run -A tests/data/make/vigra_trainings.ts /usr/bin/python3
 *
 * @module
 */
import { shutdown } from "../../../lib/project/mod.ts";
import { LABELLED_PROJECTS, LabelledStage } from "../../workflows/labelled_stages.ts";

const [python = "python3"] = Deno.args;
const SEEDS = 20;
const SCRIPT = new URL("vigra_trainings.py", import.meta.url).pathname;
const OUT = new URL("../vigra_trainings.json", import.meta.url);

/** Trains with vigra on the rows of a stage. */
async function vigraFigures(stage: LabelledStage): Promise<Record<string, readonly number[]>> {
  const folder = await Deno.makeTempDir();
  const write = (name: string, data: Uint8Array | Int32Array | Float32Array): Promise<void> =>
    Deno.writeFile(`${folder}/${name}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  try {
    await write("labels", stage.labels);
    await write("places", Int32Array.from(stage.places));
    await write("features", await stage.features());
    await write("stored", await stage.probabilities(stage.stored));
    const args = [SCRIPT, folder, stage.stored.labelNames.length, stage.trees, SEEDS].map(String);
    const { success, stdout } = await new Deno.Command(python, { args, stderr: "inherit" }).output();
    if (!success) throw new Error(`${python} failed`);
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const all: Record<string, Record<string, readonly number[]>> = {};
for (const project of LABELLED_PROJECTS) {
  for (let i = 0; i < project.stages; i++) {
    await using stage = await LabelledStage.open(project, i);
    const figures = await vigraFigures(stage);
    all[`${project.name} stage ${i + 1}`] = Object.fromEntries(
      Object.entries(figures).map(([name, values]) => [name, [Math.min(...values), Math.max(...values)]]),
    );
  }
}
await Deno.writeTextFile(OUT, `${JSON.stringify(all, undefined, 1)}\n`);
await shutdown();

/**
 * Time of our training against other random forests, on the same rows and cores, in turns.
 *
 *   deno run -A tests/bench/train_compare.ts sklearn PYTHON    a Python with scikit-learn
 *   deno run -A tests/bench/train_compare.ts vigra PYTHON      a Python with vigra
 *
 * @module
 */
import { trainForests } from "../../lib/kernels/train.ts";
import { labelledRows, type Rows } from "../kernels/labelled_rows.ts";

const TURNS = 5;
const ROWS = 10000;
const COLUMNS = 49;
const [other = "sklearn", python = "python3"] = Deno.args;

/** Seconds that the other program needs for one training; its start is not counted. */
async function otherSeconds(folder: string, threads: number): Promise<number> {
  const script = new URL("train_others.py", import.meta.url).pathname;
  const args = [script, other, folder, String(COLUMNS), String(threads)];
  const { success, stdout } = await new Deno.Command(python, { args, stderr: "inherit" }).output();
  if (!success) throw new Error(`${python} failed`);
  return Number(new TextDecoder().decode(stdout));
}

async function ourSeconds(rows: Rows, classes: number, threads: number): Promise<number> {
  const start = performance.now();
  await trainForests({ ...rows, classes, trees: 100, seed: 0, threads });
  return (performance.now() - start) / 1000;
}

function say(...cells: readonly (string | number)[]) {
  Deno.stdout.writeSync(new TextEncoder().encode(`${cells.join(" ")}\n`));
}

say("classes", "threads", "ours/s", `${other}/s`, "ratio");
for (const classes of [2, 3, 8]) {
  const rows = labelledRows(ROWS, COLUMNS, classes, 1);
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(`${folder}/features`, new Uint8Array(rows.features.buffer));
  await Deno.writeFile(`${folder}/labels`, rows.labels);
  for (const threads of other === "vigra" ? [1] : [1, 2]) {
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < TURNS; turn++) {
      ours.push(await ourSeconds(rows, classes, threads));
      theirs.push(await otherSeconds(folder, threads));
    }
    const [a, b] = [Math.min(...ours), Math.min(...theirs)];
    say(classes, threads, a.toFixed(2), b.toFixed(2), (a / b).toFixed(2));
  }
  await Deno.remove(folder, { recursive: true });
}

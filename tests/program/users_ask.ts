/**
 * What the tests of users' wishes share: runs in a folder of their own, and what a refusal looks like.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { DATA, inFolder, type Outcome, run } from "./program.ts";

const OWN = join(DATA, "own");

/** A project of the test data. */
export const project = (name: string): string => join(OWN, `${name}.ilp`);
/** An image of the test data. */
export const image = (name: string): string => join(OWN, "images", name);
/** Fixtures that other programs wrote. */
export const input = (name: string): string => join(DATA, "inputs", name);

/** The project that most tests run, on `G2D`. */
export const SMALL = `--project=${project("pc2d_small")}`;
/** An image for it: 64 × 64, one channel. */
export const G2D = image("g2d.png");
/** Label images as PNG: the smallest output. */
export const LABELS = ["--export_source=Simple Segmentation", "--output_format=png"];
/** Conversion without a trained project. */
export const CONVERT = ["--new_project=new.ilp", "--workflow=DataConversionWorkflow", "--output_format=numpy"];

/** What a test has: a folder that is removed afterwards, in which the program runs. */
export interface Place {
  /** The folder. */
  readonly folder: string;
  /** Runs the program there. */
  readonly ask: (...words: readonly string[]) => Promise<Outcome>;
  /** Runs the program there with environment variables. */
  readonly askWith: (env: Readonly<Record<string, string>>, ...words: readonly string[]) => Promise<Outcome>;
  /** Names in the folder, or in a folder inside, sorted. */
  readonly names: (inside?: string) => string[];
}

/** A test of a row of the list of users' wishes. */
export function row(name: string, test: (place: Place) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeResources: false, // the HDF5 library stays open
    sanitizeOps: false,
    fn: () =>
      inFolder((folder) =>
        test({
          folder,
          ask: (...words) => run(words, { cwd: folder }),
          askWith: (env, ...words) => run(words, { cwd: folder, env }),
          names: (inside = ".") => [...Deno.readDirSync(join(folder, inside))].map((entry) => entry.name).sort(),
        })
      ),
  });
}

/** The run ended well; gives the paths that it printed. */
export function succeeded({ code, stdout, stderr }: Outcome): readonly string[] {
  assertEquals(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.at(-1), "Completed Batch Processing");
  return lines.slice(0, -1);
}

/** The run was refused: one line that says why, no path, and no other line of errors. */
export function refused({ code, stdout, stderr }: Outcome, expected: number, says: RegExp): void {
  assertEquals(code, expected, stderr);
  assertEquals(stdout, "");
  const lines = stderr.trimEnd().split("\n");
  assertEquals(lines.filter((line) => line.startsWith("error: ")).length, 1, stderr);
  assertMatch(lines.at(-1) ?? "", says);
}

/** Warnings of a run without the word in front. */
export function warnings({ stderr }: Outcome): string[] {
  return stderr.split("\n").filter((line) => line.startsWith("warning: ")).map((line) => line.slice(9));
}

/** Writes a project that holds only the name of its workflow. */
export async function makeProject(path: string, workflow: string): Promise<void> {
  await using file = await H5File.create(path);
  await file.writeValue("ilastikVersion", "1.4.1");
  await file.writeValue("workflowName", workflow);
}

/** Writes an HDF5 file with one dataset of float32 and nothing that says what its axes are. */
export async function makeDataset(
  path: string,
  shape: readonly number[],
  values: Float32Array<ArrayBuffer>,
  name = "data",
): Promise<void> {
  await using file = await H5File.create(path);
  await using dataset = await file.createDataset(name, { dtype: "float32", shape });
  await dataset.write(shape.map(() => 0), shape, values);
}

/** Shape, element type and bytes of a `.npy` file. */
export async function readNpy(path: string): Promise<{ descr: string; shape: number[]; bytes: Uint8Array }> {
  const file = await Deno.readFile(path);
  const end = 10 + new DataView(file.buffer).getUint16(8, true);
  const header = new TextDecoder().decode(file.subarray(10, end));
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1]?.split(",").filter((text) => text.trim() !== "").map(Number);
  return { descr: /'descr': '([^']*)'/.exec(header)?.[1] ?? "", shape: shape ?? [], bytes: file.slice(end) };
}

/** Every input failed: one error line for each, in their order, and the number of them in the last line. */
export async function refusedEach(run: Promise<Outcome>, expected: number, says: readonly RegExp[]): Promise<void> {
  const { code, stdout, stderr } = await run;
  assertEquals([code, stdout], [expected, ""], stderr);
  const lines = stderr.trimEnd().split("\n");
  const errors = lines.filter((line) => line.startsWith("error: "));
  assertEquals([errors.length, lines.at(-1)], [says.length, `${says.length} of ${says.length} inputs failed`], stderr);
  for (const [i, pattern] of says.entries()) assertMatch(errors[i] ?? "", pattern);
}

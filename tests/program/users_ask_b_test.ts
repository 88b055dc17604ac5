/**
 * What users ask for, section B (performance and memory), row by row: as they type it, from the shell.
 *
 * Rows that are not here are tests of the same name beside the code that does it: `grep -rn "B15:" tests`. Times are
 * measured by the benchmarks, not here.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DATA, inFolder, programCommand } from "./program.ts";
import { npy } from "./npy.ts";
import { G2D, image, LABELS, makeProject, project, readNpy, refused, row, SMALL, succeeded } from "./users_ask.ts";

row("B1: a run opens no library that it does not need", async ({ askWith, folder }) => {
  await Deno.writeFile(join(folder, "a.npy"), npy([64, 64]));
  const env = { ILASTIK_HEADLESS_TIFF_PATH: "/no/such/library", ILASTIK_HEADLESS_OPENBLAS_PATH: "/no/such/library" };
  succeeded(await askWith(env, SMALL, "--output_format=numpy", "--output_filename_format=r", "a.npy"));
});

row("B2: training images and labels of a project are not looked at", async ({ ask, folder }) => {
  // A copy that lacks them gives the same.
  const slim = await ask("slim", project("pc2d_small"), "-o", "slim.ilp");
  assertEquals(slim.code, 0, slim.stderr);
  const words = ["--output_format=numpy", "--output_filename_format={nickname}_r", G2D];
  const [whole = ""] = succeeded(await ask(SMALL, ...words));
  const first = await Deno.readFile(whole);
  const [again = ""] = succeeded(await ask(`--project=${join(folder, "slim.ilp")}`, ...words));
  assertEquals(await Deno.readFile(again), first);
});

row("B3: hundreds of inputs need no more open files than one", async ({ folder, names }) => {
  const inputs = Array.from({ length: 300 }, (_, i) => `${String(i).padStart(3, "0")}.npy`);
  const bytes = npy([16, 16, 1]);
  for (const name of inputs) await Deno.writeFile(join(folder, name), bytes);
  await Deno.writeTextFile(join(folder, "list.txt"), inputs.join("\n"));
  const words = [...LABELS, "--output_filename_format=out/{nickname}", "--inputs_from=list.txt"];
  const script = 'ulimit -n 100 && exec "$@"';
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", ...programCommand(), `--project=${project("pc2d_small")}`, ...words],
    cwd: folder,
    stdin: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertEquals(names("out").length, 300);
});

row(
  "B4: frames of a movie are computed side by side, as images, and give what single images give",
  async ({ ask, folder }) => {
    const movie = Uint8Array.from({ length: 20 * 48 * 44 }, (_, i) => (i * i + 31 * (i >> 7)) % 256);
    await Deno.writeFile(join(folder, "movie.npy"), npy([20, 48, 44], movie));
    await Deno.writeFile(join(folder, "frame.npy"), npy([1, 48, 44], movie.slice(7 * 48 * 44, 8 * 48 * 44)));
    const words = [`--project=${project("pc2dt")}`, "--output_format=numpy", "--output_filename_format={nickname}_r"];
    const plan = await ask(...words, "--threads=4", "--dry_run", "movie.npy");
    assertMatch(plan.stdout, /about 20 blocks of t 1, y 48, x 44, \d+ at a time/);
    const [whole, frame] = await Promise.all(
      succeeded(await ask(...words, "movie.npy", "frame.npy")).map((path) => readNpy(path)),
    );
    const size = 48 * 44 * 2 * 4;
    assertEquals(frame?.bytes.length, size);
    assertEquals(whole?.bytes.slice(7 * size, 8 * size), frame?.bytes);
  },
);

row(
  "B5: the memory of the process stays within the budget and 300 MB; a budget that is too small is refused with one that does",
  async ({ ask, folder }) => {
    await Deno.writeFile(join(folder, "big.npy"), npy([3000, 3000, 1]));
    const words = [SMALL, "--export_source=uncertainty", "--output_format=numpy", "--output_filename_format=r"];
    succeeded(await ask(...words, "--memory=150M", "--report=report.json", "big.npy"));
    const { peakMemory } = JSON.parse(await Deno.readTextFile(join(folder, "report.json")));
    assert(peakMemory > 0 && peakMemory <= 450e6, `${peakMemory}`);
    refused(
      await ask(...words, "--memory=1M", G2D),
      6,
      /the memory budget of \d+ MB is too small: .*; give them with --memory=\d+M$/,
    );
  },
);

row(
  "B7: threads are those of the option, of LAZYFLOW_THREADS, of the batch system; said with --verbose",
  async ({ askWith }) => {
    const words = [SMALL, "--verbose", "--dry_run", G2D];
    const cases: readonly (readonly [Record<string, string>, readonly string[], string])[] = [
      [{ LAZYFLOW_THREADS: "3", SLURM_CPUS_PER_TASK: "1" }, [], "threads: 3 (LAZYFLOW_THREADS)"],
      [{ LAZYFLOW_THREADS: "3" }, ["--threads=5"], "threads: 5 (--threads)"],
      [{ SLURM_CPUS_PER_TASK: "1" }, [], "threads: 1 (SLURM_CPUS_PER_TASK)"],
      [{ NSLOTS: "1" }, [], "threads: 1 (NSLOTS)"],
      [{ PBS_NCPUS: "1" }, [], "threads: 1 (PBS_NCPUS)"],
    ];
    for (const [env, options, wanted] of cases) {
      const { stderr } = await askWith(env, ...words, ...options);
      assertEquals(stderr.split("\n")[0], wanted);
    }
  },
);

row("B8: a project of object classification ends in one line: not supported yet", async ({ ask, folder }) => {
  await makeProject(join(folder, "p.ilp"), "Object Classification (from binary image)");
  const says = /`Object Classification \(from binary image\)` of .*p\.ilp is not supported yet; supported: Pixel/;
  refused(await ask("--project=p.ilp", `--raw_data=${G2D}`, `--segmentation_image=${G2D}`), 3, says);
});

row("B9: a TIFF of one packed strip is read within a small budget", async ({ ask, folder }) => {
  const values = Uint8Array.from({ length: 2000 * 3000 }, (_, i) => i % 251);
  await Deno.writeFile(join(folder, "one.tif"), await oneStripTiff(3000, 2000, values));
  const words = ["--new_project=new.ilp", "--workflow=DataConversionWorkflow", "--output_format=numpy"];
  const outcome = await ask(...words, "--memory=120M", "--output_filename_format=r", "one.tif");
  const { shape, bytes } = await readNpy(succeeded(outcome)[0] as string);
  assertEquals(shape, [2000, 3000, 1]);
  assert(bytes.every((value, i) => value === values[i]));
});

row(
  "B11: prediction never trains: two calls give the same file, and the project stays as it was",
  async ({ ask, folder }) => {
    const path = join(folder, "p.ilp");
    await Deno.copyFile(project("ac2d"), path);
    const before = await Deno.readFile(path);
    const words = [`--project=${path}`, "--readonly=0", "--output_format=numpy", "--output_filename_format=r", G2D];
    const [result = ""] = succeeded(await ask(...words));
    const first = await Deno.readFile(result);
    succeeded(await ask(...words));
    assertEquals(await Deno.readFile(result), first);
    assertEquals(await Deno.readFile(path), before);
  },
);

row("B12: labels without a classifier are refused, also by --dry_run, with what to do", async ({ ask }) => {
  const untrained = `--project=${join(DATA, "untrained.ilp")}`;
  for (const more of [[], ["--dry_run"]]) {
    const says =
      /untrained\.ilp holds no trained classifier, only labels; open it in ilastik, press "Live Update" .* or add --retrain$/;
    refused(await ask(untrained, ...LABELS, ...more, G2D), 3, says);
  }
});

Deno.test("B13: C1: several processes at once read one project that nobody may write, with the same result", () =>
  inFolder(async (folder) => {
    const path = join(folder, "p.ilp");
    await Deno.copyFile(project("pc2d_rgb"), path);
    await Deno.chmod(path, 0o444);
    const [program, ...before] = programCommand();
    const runs = await Promise.all([1, 2, 3, 4].map(async (i) => {
      const name = join(folder, `${i}`);
      const args = [...before, `--project=${path}`, "--output_format=numpy", `--output_filename_format=${name}`];
      const { code } = await new Deno.Command(program, {
        args: [...args, "--threads=2", image("rgb2d.png")],
        stdin: "null",
        stdout: "null",
      }).output();
      return [code, await Deno.readFile(`${name}.npy`)] as const;
    }));
    const [first] = runs;
    for (const run of runs) assertEquals<unknown>(run, [0, first?.[1]]);
    const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assertEquals(left.sort(), ["1.npy", "2.npy", "3.npy", "4.npy", "p.ilp"]);
  }));

row("B14: a run that is over at once shows no progress outside of a terminal", async ({ ask }) => {
  for (const mode of ["auto", "plain", "none"]) {
    const outcome = await ask(SMALL, ...LABELS, "--output_filename_format=r", `--progress=${mode}`, G2D);
    succeeded(outcome);
    assertEquals(outcome.stderr, "");
  }
  refused(await ask(SMALL, ...LABELS, "--progress=dots", G2D), 2, /`dots` for --progress; use auto, plain or none$/);
});

/** A little-endian TIFF of 8-bit gray pixels in a single strip, packed with deflate, by the TIFF 6.0 specification. */
async function oneStripTiff(width: number, height: number, values: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const packing = new Blob([values]).stream().pipeThrough(new CompressionStream("deflate"));
  const strip = new Uint8Array(await new Response(packing).arrayBuffer());
  const LONG = 4;
  const entries = [
    [256, width],
    [257, height],
    [258, 8],
    [259, 8],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, height],
    [279, strip.length],
  ] as const;
  const directory = 8 + strip.length + strip.length % 2;
  const file = new Uint8Array(directory + 2 + 12 * entries.length + 4);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, directory, true);
  file.set(strip, 8);
  view.setUint16(directory, entries.length, true);
  for (const [i, [tag, value]] of entries.entries()) {
    const at = directory + 2 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, LONG, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, value, true);
  }
  return file;
}

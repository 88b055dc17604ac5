/**
 * Sub-commands, and the options that tell about a run, tried from the shell.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DATA, inFolder, type Outcome, run } from "./program.ts";

const OWN = join(DATA, "own");
const PROJECT = `--project=${join(OWN, "pc2d_small.ilp")}`;
const IMAGE = join(OWN, "images", "g2d.png");

Deno.test("inspect --json prints one object with schema 1 and nothing on stderr", async () => {
  const { code, stdout, stderr } = await run(["inspect", join(OWN, "pc2d_rgb.ilp"), "--json"]);
  assertEquals([code, stderr], [0, ""]);
  const found = JSON.parse(stdout);
  assertEquals(found.schema, 1);
  assertEquals(found.stages[0].classes.map((row: { name: string }) => row.name), ["paper", "cell body", "edge"]);
  assertEquals(found.expects, { axes: "yxc", channels: 3, dtype: null, dimensions: 2 });
});

const HELP_ON_THREAD =
  "error: there is no help on `--thread`; did you mean `threads`? topics: formats, export_source, " +
  "names, axes, regions, tiles, ranges, resources, exit_codes, compat, config, events, report, inspect, merge, slim, diff, doctor, " +
  "help, completions, man, and all options";

/** words, exit code, all of stderr */
const MESSAGES: readonly (readonly [readonly string[], number, string])[] = [
  [["inspect"], 2, "error: `inspect` needs PROJECT [--json]; usage: ilastik-headless inspect PROJECT [--json]"],
  [["inspect", "a", "b"], 2, "error: `inspect` cannot use `b`; usage: ilastik-headless inspect PROJECT [--json]"],
  [["inspect", "--jsn", "a"], 2, "error: unknown option --jsn of `inspect`; did you mean --json?"],
  [["inspect", "/no/p.ilp"], 3, "error: project file not found: /no/p.ilp; check its path"],
  [["inspct", "p.ilp"], 2, "error: unknown sub-command inspct; did you mean inspect?"],
  [["help", "--thread"], 2, HELP_ON_THREAD],
  [
    ["help", "rangs"],
    2,
    "error: there is no help on `rangs`; did you mean `ranges`? topics: formats, export_source, names, axes, regions, " +
    "tiles, ranges, resources, exit_codes, compat, config, events, report, inspect, merge, slim, diff, doctor, help, completions, man, " +
    "and all options",
  ],
  [
    ["completions", "bsh"],
    2,
    "error: there are no completions for `bsh`; did you mean bash? choose from bash, zsh, fish, powershell",
  ],
  [
    ["diff", "a.npy"],
    2,
    "error: `diff` needs A B [--tolerance X] [--json]; usage: ilastik-headless diff A B [--tolerance X] [--json]",
  ],
  [["diff", "a", "b", "--tolerance", "x"], 2, "error: --tolerance must be a number from 0, found `x`"],
  [[PROJECT, IMAGE, "--events=xml"], 2, "error: unknown value `xml` for --events; the only one is --events=json"],
  [[PROJECT, IMAGE, "--configfile=/no.ini"], 2, "error: configuration file not found: /no.ini; check --configfile"],
  [[PROJECT, IMAGE, "--report="], 2, "error: --report is empty; give a file name"],
];

for (const [words, code, stderr] of MESSAGES) {
  Deno.test(`\`${words.slice(-2).join(" ").replace(OWN, "")}\` ends in one helpful line, exit code ${code}`, async () => {
    assertEquals(await run(words), { code, stdout: "", stderr: `${stderr}\n` });
  });
}

Deno.test("help, man and completions print data on stdout and nothing else", async () => {
  const topics = ["--threads", "--output-format", "output format", "exit-codes", "inspect"].map((
    word,
  ) => ["help", word]);
  for (
    const words of [["help"], ["--help", "axes"], ["man"], ["completions", "fish"], ["inspect", "--help"], ...topics]
  ) {
    const { code, stdout, stderr } = await run(words);
    assertEquals([code, stderr], [0, ""], words.join(" "));
    assert(stdout.length > 100, words.join(" "));
  }
});

Deno.test("a file that is named like a sub-command is an input when a project is given", () =>
  inFolder(async (folder) => {
    await Deno.copyFile(IMAGE, join(folder, "inspect"));
    const { code, stdout } = await run(["inspect", PROJECT, "--output_filename_format=r.h5"], { cwd: folder });
    assertEquals([code, stdout], [0, `${join(folder, "r.h5")}\nCompleted Batch Processing\n`]);
  }));

Deno.test("a slim project predicts the same numbers, bit by bit", () =>
  inFolder(async (folder) => {
    for (
      const [name, image] of [["pc2d_rgb", "rgb2d.png"], ["pc3d_few", "vol3d_small.h5"], ["ac2d", "g2d.png"]] as const
    ) {
      const slim = join(folder, `${name}-slim.ilp`);
      const made = await run(["slim", join(OWN, `${name}.ilp`), "-o", slim]);
      assertEquals([made.code, made.stdout], [0, `${slim}\n`]);
      for (const project of [join(OWN, `${name}.ilp`), slim]) {
        const out = project === slim ? "after" : "before";
        const words = [
          `--project=${project}`,
          join(OWN, "images", image),
          `--output_filename_format=${folder}/${out}.h5`,
        ];
        assertEquals((await run(words)).code, 0);
      }
      const { code, stdout } = await run(["diff", join(folder, "before.h5"), join(folder, "after.h5")]);
      assertEquals([code, stdout.trimEnd().split("\n").at(-1)], [0, "equal"], stdout);
    }
    const again = await run(["slim", join(OWN, "ac2d.ilp"), "-o", join(folder, "ac2d-slim.ilp")]);
    assertEquals(again.code, 5);
    assertMatch(again.stderr, /ac2d-slim\.ilp exists; give another name with -o, or add --force/);
  }));

Deno.test("diff exits with 1 and says where two arrays differ", () =>
  inFolder(async (folder) => {
    await writeNpy(join(folder, "a.npy"), [2, 3], [1, 1, 2, 1, 1, 2]);
    await writeNpy(join(folder, "b.npy"), [2, 3], [1, 1, 2, 1, 5, 2]);
    await writeNpy(join(folder, "c.npy"), [3, 2], [1, 1, 2, 1, 5, 2]);
    assertEquals(await run(["diff", "a.npy", "b.npy"], { cwd: folder }), {
      code: 1,
      stdout: [
        "a: a.npy: 2 x 3 (yx), uint8",
        "b: b.npy: 2 x 3 (yx), uint8",
        "differing values: 1 of 6 (16.7 %)",
        "largest difference: 4 at y 1, x 1 (1 and 5)",
        `mean difference: ${4 / 6}`,
        "first difference: at y 1, x 1 (1 and 5)",
        "label agreement: 83.3 %",
        "different",
        "",
      ].join("\n"),
      stderr: "",
    });
    const sizes = await run(["diff", "a.npy", "c.npy"], { cwd: folder });
    assertEquals(sizes.code, 1);
    assertMatch(sizes.stdout, /size along y: 2 and 3\nsize along x: 3 and 2\ndifferent/);
    assertEquals((await run(["diff", "a.npy", "b.npy", "--tolerance=4"], { cwd: folder })).code, 0);
    assertEquals((await run(["diff", "a.npy", "no.npy"], { cwd: folder })).code, 4);
  }));

Deno.test("C11: --dry_run shows inputs, outputs and settings, finds what a run would find, and writes nothing", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, IMAGE, `--output_filename_format=${folder}/sub/{nickname}.h5`, "--output_axis_order=cyx"];
    const { code, stdout } = await run([...words, "--dry_run"]);
    assertEquals(code, 0);
    const lines = stdout.split("\n");
    assertEquals(lines.slice(0, 5), [
      `input 1 of 1: ${IMAGE}`,
      "  --raw_data: 64 x 64 x 1 (yxc), uint8, axes like the training data",
      `    ${IMAGE}`,
      `  -> ${folder}/sub/g2d.h5/exported_data`,
      "    compressed hdf5, 2 x 64 x 64 (cyx), float32, 32 kiB",
    ]);
    assertMatch(stdout, /disk: .* free in .*, at most 32 kiB needed before compression/);
    assertMatch(stdout, /--output_axis_order=cyx \(command line\)/);
    assertMatch(stdout, /--output_format=compressed hdf5 \(project\)/);
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    assertEquals((await run([...words, "--dry_run", "--output_format=gif"])).code, 2);
    assertEquals((await run([PROJECT, "nope.png", "--dry_run"])).code, 4);
    assertEquals((await run([...words, "--dry_run", "--memory=1M"])).code, 6);
    const real = await run([...words, "--verbose"]);
    assertEquals(real.code, 0);
    assertMatch(real.stderr, /g2d\.png: 64×64×1 uint8, read as yxc like the training data\n/);
    assertMatch((await run([...words, "--dry_run"])).stdout, /g2d\.h5\/exported_data exists and is replaced/);
    assertMatch(
      (await run([...words, "--dry_run", "--if_exists=skip"])).stderr,
      /g2d\.h5\/exported_data exists and is kept/,
    );
    assertEquals((await run([...words, "--dry_run", "--if_exists=error"])).code, 5);
  }));

Deno.test("--report tells inputs, settings with origin, outputs, errors and exit code", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, "--output_filename_format={nickname}.h5", "--report=deep/r.json", IMAGE, "nope.png"];
    assertEquals((await run(words, { cwd: folder })).code, 1);
    const report = JSON.parse(await Deno.readTextFile(join(folder, "deep", "r.json")));
    assertEquals([report.schema, report.exitCode, report.dryRun, report.commandLine], [1, 1, false, words]);
    assertEquals(report.project.workflow, "Pixel Classification");
    assertEquals(report.settings.output_filename_format, { value: "{nickname}.h5", origin: "command line" });
    assertEquals(report.settings.output_format.origin, "project");
    assert(report.peakMemory > 2 ** 24 && report.seconds > 0);
    const [first, second] = report.inputs;
    assertEquals([first.name, first.status, second.name, second.status], [IMAGE, "written", "nope.png", "failed"]);
    const { source, paths, innerPath, shape, axes, dtype, pixels } = first.outputs[0];
    assertEquals(
      [source, paths, innerPath, shape, axes, dtype, pixels],
      ["Probabilities", [join(folder, "g2d.h5")], "exported_data", [64, 64, 2], "yxc", "float32", 4096],
    );
    assertMatch(second.error, /nope\.png/);
    assertEquals(report.errors.map((error: { kind: string }) => error.kind), ["input"]);
  }));

Deno.test("--report at the place of a folder is told with exit code 5 and leaves nothing", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "r.json"));
    const words = [PROJECT, `--output_filename_format=${folder}/o.h5`, `--report=${folder}/r.json`, IMAGE];
    const { code, stderr } = await run(words);
    assertEquals(code, 5);
    assertMatch(stderr, /^error: cannot write the report [^\n]*r\.json: [^\n]*; give another name with --report\n$/);
    assertEquals(await names(folder), ["o.h5", "r.json"]);
    assertEquals(await names(join(folder, "r.json")), []);
  }));

Deno.test("files about a run are no projects, images or other files: those stay as they are", () =>
  inFolder(async (folder) => {
    const options = ["--report", "--logfile", "--redirect_output"];
    const targets = [join(OWN, "pc2d_small.ilp"), IMAGE];
    for (const [option, from] of options.flatMap((one) => targets.map((target) => [one, target] as const))) {
      const path = join(folder, "x");
      await Deno.copyFile(from, path);
      const { code, stderr } = await run([
        PROJECT,
        `--output_filename_format=${folder}/o.h5`,
        `${option}=${path}`,
        IMAGE,
      ]);
      assertEquals(code, 5, stderr);
      assertEquals(
        stderr,
        `error: ${option} would write into ${path}, which is something else; give another name with ${option}, or ` +
          "delete the file first\n",
      );
      assertEquals(await Deno.readFile(path), await Deno.readFile(from));
      assertEquals(await names(folder), ["x"]);
    }
  }));

Deno.test("files about a run are written again: reports anew, the others at their end", () =>
  inFolder(async (folder) => {
    const words = ["r", "l", "c"].map((name, i) =>
      `--${["report", "logfile", "redirect_output"][i]}=${folder}/${name}`
    );
    for (const name of ["r", "l", "c"]) await Deno.writeTextFile(join(folder, name), "");
    for (let i = 0; i < 2; i++) {
      assertEquals((await run([PROJECT, `--output_filename_format=${folder}/o.h5`, ...words, IMAGE])).code, 0);
    }
    assertEquals(JSON.parse(await Deno.readTextFile(join(folder, "r"))).exitCode, 0);
    assertEquals((await Deno.readTextFile(join(folder, "l"))).match(/exit code 0/g)?.length, 2);
    assertEquals((await Deno.readTextFile(join(folder, "c"))).match(/Completed/g)?.length, 2);
  }));

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name)).sort();
}

Deno.test("--events=json writes one object a line on stderr and no other text, also for wrong options", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, IMAGE, IMAGE, "--output_filename_format={nickname}_{nope}.h5", "--events=json"];
    assertEquals(
      events(await run(words, { cwd: folder })).map(({ event }) => event),
      ["start", "input", "error", "end"]
        .filter((name) => name !== "input"),
    );
    const good = await run([PROJECT, IMAGE, "--output_filename_format=r.h5", "--events=json"], { cwd: folder });
    assertEquals(good.stdout, `${join(folder, "r.h5")}\nCompleted Batch Processing\n`);
    const found = events(good);
    assertEquals(found.map(({ event }) => event), ["start", "input", "progress", "output", "end"]);
    assertEquals([found[2]?.["done"], found[3]?.["status"], found[4]?.["exitCode"]], [1, "written", 0]);
    const wrong = events(await run(["--events", "json", "--nonsense"]));
    assertEquals(wrong.map(({ event }) => event), ["error", "end"]);
    assertEquals([wrong[0]?.["kind"], wrong[1]?.["exitCode"]], ["usage", 2]);
  }));

Deno.test("C17: --logfile and --redirect_output append, make folders, and change nothing else", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, IMAGE, "--output_filename_format=r.h5", "--logfile=l/a.txt", "--process_name=job7"];
    for (let i = 0; i < 2; i++) {
      const { stdout, stderr } = await run([...words, "--redirect_output=l/b.txt"], { cwd: folder });
      assertEquals([stdout, stderr], [`${join(folder, "r.h5")}\nCompleted Batch Processing\n`, ""]);
    }
    const log = (await Deno.readTextFile(join(folder, "l", "a.txt"))).trimEnd().split("\n");
    for (const line of log) assertMatch(line, /^job7 \d{4}-\d\d-\d\dT[\d:.]+Z (DEBUG|INFO|WARNING|ERROR) /);
    assertEquals(log.filter((line) => line.includes("written: ")).length, 2);
    const copy = await Deno.readTextFile(join(folder, "l", "b.txt"));
    assertEquals(copy, `${join(folder, "r.h5")}\nCompleted Batch Processing\n`.repeat(2));
    assertEquals((await run([...words.slice(0, 3), "--logfile=/dev/null"], { cwd: folder })).code, 0);
    const refused = await run([...words.slice(0, 3), "--logfile=l/a.txt/b.txt"], { cwd: folder });
    assertEquals(refused.code, 5);
    assertMatch(refused.stderr, /^error: cannot write .*b\.txt: .*; give another name with --logfile\n$/);
  }));

Deno.test("the configuration file comes before the project and behind the command line", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, ".ilastikrc"), "[ilastik]\noutput_format = numpy\n");
    await Deno.writeTextFile(join(folder, "c.ini"), "[ilastik]\noutput_format: hdf5\ndebug: false\n");
    const words = [PROJECT, IMAGE, "--output_filename_format=r"];
    const written = async (...more: string[]): Promise<string> =>
      (await run([...words, ...more], { cwd: folder, env: { HOME: folder } })).stdout.split("\n")[0] ?? "";
    assertEquals(await written(), join(folder, "r.npy"));
    assertEquals(await written("--configfile=c.ini"), join(folder, "r.h5"));
    assertEquals(await written("--output_format=tiff"), join(folder, "r.tiff"));
  }));

function events({ stderr }: Outcome): ({ event: string } & Record<string, unknown>)[] {
  return stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
}

async function writeNpy(path: string, shape: readonly number[], values: readonly number[]): Promise<void> {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`.padEnd(117) + "\n";
  const bytes = new TextEncoder().encode(`\x00NUMPY\x01\x00v\x00${header}`);
  bytes[0] = 0x93;
  await Deno.writeFile(path, new Uint8Array([...bytes, ...values]));
}

/**
 * Arrays by stdin and stdout: `-` as an input and as the name of the output.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { npyHeader } from "../../lib/outputs/numpy.ts";
import { DATA, inFolder, type Outcome, programCommand, PYTHON, pythonHas, ROOT } from "./program.ts";

const OWN = join(DATA, "own");
const PROJECT = `--project=${join(OWN, "pc2d_small.ilp")}`;
const IMAGE = join(OWN, "images", "g2d.png");
const STDOUT = "--output_filename_format=-";
const CONVERSION = ["--new_project=tmp.ilp", "--workflow=DataConversionWorkflow"];

/** A `.npy` array of bytes that count up. */
function array(...shape: number[]): Uint8Array<ArrayBuffer> {
  const header = npyHeader("uint8", shape);
  const whole = new Uint8Array(header.length + shape.reduce((product, size) => product * size, 1));
  whole.set(header);
  for (let i = header.length; i < whole.length; i++) whole[i] = i - header.length;
  return whole;
}

interface Piped {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** Runs the program in a folder whose `tmp` is the folder for temporary files, and checks that this is empty afterwards. */
async function piped(
  folder: string,
  words: readonly string[],
  input: "piped" | "null" = "piped",
  feed: (child: Deno.ChildProcess) => Promise<void> = (child) => child.stdin.close(),
): Promise<Piped> {
  const temporary = join(folder, "tmp");
  await Deno.mkdir(temporary, { recursive: true });
  const [program, ...before] = programCommand();
  const child = new Deno.Command(program, {
    args: [...before, ...words],
    cwd: folder,
    stdin: input,
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", TMPDIR: temporary },
  }).spawn();
  const output = child.output();
  if (input === "piped") await feed(child);
  const { code, stdout, stderr } = await output;
  assertEquals(await Array.fromAsync(Deno.readDir(temporary)), []);
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}

function feeding(bytes: Uint8Array): (child: Deno.ChildProcess) => Promise<void> {
  return async (child) => {
    const writer = child.stdin.getWriter();
    await writer.write(bytes);
    await writer.close();
  };
}

/** Runs a line of the shell; `"$@"` is the program with its words. */
async function shell(line: string, words: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", line, "sh", ...programCommand(), ...words],
    stdin: "null",
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

const hasNumpy = await pythonHas("numpy");
const ignore = Deno.build.os !== "linux";

const CASES = [
  { name: "an image, in order", project: "pc2d_rgb", shape: [90, 61, 3], dtype: "u1", options: [] },
  { name: "another source", project: "pc2d_rgb", shape: [40, 61, 3], options: ["--export_source=simple segmentation"] },
  { name: "other axes, by a file", project: "pc2d_rgb", shape: [40, 61, 3], options: ["--output_axis_order=cxy"] },
  {
    name: "type, range and region",
    project: "pc2d_rgb",
    shape: [40, 61, 3],
    options: [
      "--export_dtype=uint16",
      "--pipeline_result_drange=(0,1)",
      "--export_drange=(0,65535)",
      "--cutout_subregion=y=3:30,c=1:3",
    ],
  },
  { name: "axes as told", project: "pc2d_rgb", shape: [3, 40, 61], options: ["--input_axes=cyx"] },
  {
    name: "five axes as callers of ilastik's Python interface have them",
    project: "pc2d_rgb",
    shape: [1, 1, 40, 61, 3],
    options: ["--input_axes=tzyxc", "--output_axis_order=tzyxc"],
  },
  { name: "a volume, by a file", project: "pc3d_few", shape: [20, 33, 30], options: ["--input_axes=zyx"] },
  { name: "a movie, in order", project: "pc2dt_s", shape: [3, 40, 31], options: ["--input_axes=tyx", "--threads=2"] },
  { name: "Fortran order", project: "pc2d_rgb", shape: [40, 61, 3], order: "F", options: [] },
  { name: "big endian", project: "pc2d_u16", shape: [40, 61], dtype: ">u2", options: ["--input_axes=yx"] },
  { name: "a role", project: "pc2d_rgb", shape: [40, 61, 3], flag: "--raw_data=", options: [] },
];

for (const { name, project, ...row } of CASES) {
  Deno.test({
    name: `C14: from pipe to pipe as from file to file: ${name}`,
    ignore: !hasNumpy,
    fn: () =>
      inFolder(async (folder) => {
        const child = new Deno.Command(PYTHON, {
          args: [join(ROOT, "tests", "program", "pipes.py")],
          stdin: "piped",
          stderr: "piped",
        }).spawn();
        const program = programCommand();
        const about = { dtype: "u1", order: "C", flag: "", ...row };
        await feeding(new TextEncoder().encode(
          JSON.stringify({ ...about, program, folder, project: join(OWN, `${project}.ilp`) }),
        ))(child);
        const { success, stderr } = await child.output();
        assert(success, new TextDecoder().decode(stderr));
      }),
  });
}

Deno.test("stdout holds the array alone, and a converted array is the one that came", () =>
  inFolder(async (folder) => {
    // A volume goes by a file, an image in order.
    for (const [axes, sent] of [["zyx", array(30, 20, 25)], ["yx", array(300, 211)]] as const) {
      const words = [...CONVERSION, `--input_axes=${axes}`, "-", STDOUT, "--output_axis_order", axes];
      const { code, stdout, stderr } = await piped(folder, words, "piped", feeding(sent));
      assertEquals([code, stderr], [0, ""]);
      assertEquals(stdout, sent);
    }
  }));

Deno.test("the name of stdin in outputs is `stdin`, beside the current folder", () =>
  inFolder(async (folder) => {
    const { code, stdout } = await piped(folder, [PROJECT, "-"], "piped", feeding(array(40, 40)));
    assertEquals(code, 0);
    const path = join(await Deno.realPath(folder), "stdin_Probabilities.h5");
    assertEquals(new TextDecoder().decode(stdout), `${path}\nCompleted Batch Processing\n`);
    await Deno.stat(path);
  }));

Deno.test("stdin as a mask, beside images from files", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, "--output_format=numpy"];
    const zeros = array(64, 64).fill(0, 128);
    const run = await piped(
      folder,
      [...words, `--raw_data=${IMAGE}`, "--prediction_mask", "-", "--output_filename_format=-"],
      "piped",
      feeding(zeros),
    );
    assertEquals([run.code, run.stderr], [0, ""]);
    // Nothing is predicted where the mask is 0.
    assertEquals(run.stdout.length, 128 + 64 * 64 * 2 * 4);
    assert(run.stdout.subarray(128).every((byte) => byte === 0));
  }));

Deno.test("events, reports and dry runs know stdin and stdout", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, "-", STDOUT];
    const report = join(folder, "r.json");
    const feed = feeding(array(40, 40));
    const run = await piped(folder, [...words, "--events=json", `--report=${report}`], "piped", feed);
    assertEquals(run.code, 0);
    const events = run.stderr.trim().split("\n").map((line) => JSON.parse(line));
    const output = events.find(({ event }) => event === "output");
    assertEquals([output.name, output.paths, output.format, output.status], ["stdin", ["stdout"], "numpy", "written"]);
    const [input] = JSON.parse(await Deno.readTextFile(report)).inputs;
    assertEquals([input.name, input.status, input.roles[0].paths], ["stdin", "written", []]);

    const dry = await piped(folder, [...words, "--dry_run"], "piped", feed);
    assertEquals(dry.code, 0, dry.stderr);
    assertMatch(
      new TextDecoder().decode(dry.stdout),
      /input 1 of 1: stdin\n.*\n +stdin\n +-> stdout\n +numpy, 40 x 40/,
    );
  }));

for (
  const [name, words, message] of [
    ["two arrays", ["-", "-"], /^error: stdin \(`-`\) is given 2 times, it holds one array; /],
    ["an array for two roles", ["--raw_data=-", "--prediction_mask=-"], /^error: stdin \(`-`\) is given 2 times/],
    ["a list and an array", ["-", "--inputs_from=-"], /^error: stdin \(`-`\) cannot be both an input and the list/],
    ["two inputs into stdout", [IMAGE, "-", STDOUT], /writes one array, found 2 inputs; /],
    ["two results into stdout", ["-", STDOUT, "--export_source=Probabilities,Uncertainty"], /found 2 export sources; /],
    [
      "another format",
      ["-", STDOUT, "--output_format=hdf5"],
      /writes numpy \(\.npy\) only, found --output_format=hdf5; /,
    ],
  ] as const
) {
  Deno.test(`usage of pipes: ${name} is an error of one line`, () =>
    inFolder(async (folder) => {
      const { code, stdout, stderr } = await piped(folder, [PROJECT, ...words], "null");
      assertEquals([code, stdout.length], [2, 0], stderr);
      assertMatch(stderr, message);
      assertMatch(stderr, /^error: [^\n]+\n$/);
    }));
}

for (
  const [name, sent, message] of [
    ["nothing", new Uint8Array(0), /nothing came; /],
    ["three bytes", array(2, 2).slice(0, 3), /it is not a NumPy array; /],
    ["text", new TextEncoder().encode("a.png\nb.png\n"), /it is not a NumPy array; /],
    ["half a header", array(40, 40).slice(0, 70), /it is truncated|the file is truncated/],
    ["half an array", array(40, 40).slice(0, 900), /it is truncated: it has 900 bytes, 1728 are needed/],
    [
      "two arrays in a row",
      new Uint8Array([...array(40, 40), ...array(40, 40)]),
      /1728 bytes follow behind the array; /,
    ],
    ["a line of numbers", array(40), /it has 1 dimensions/],
  ] as const
) {
  Deno.test(`${name} on stdin: one line and exit code 4`, () =>
    inFolder(async (folder) => {
      const { code, stdout, stderr } = await piped(folder, [PROJECT, "-", STDOUT], "piped", feeding(sent));
      assertEquals([code, stdout.length], [4, 0]);
      assertMatch(stderr, /^error: cannot read `stdin`: [^\n]+\n$/);
      assertMatch(stderr, message);
    }));
}

Deno.test("damaged stdin does not stop the other inputs", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, "-", IMAGE, "--output_filename_format={nickname}.h5"];
    const { code, stderr } = await piped(folder, words);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^error: input 1 of 2, stdin: cannot read `stdin`: nothing came[^\n]*\n1 of 2 inputs failed\n$/,
    );
    await Deno.stat(join(folder, "g2d.h5"));
  }));

Deno.test({
  name: "a reader that goes away ends the run quietly",
  ignore,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.writeFile(join(folder, "movie.npy"), array(64, 256, 256));
      await Deno.mkdir(join(folder, "tmp"));
      for (const axes of ["tyx", "zyx"]) {
        const words = [`--new_project=${folder}/p.ilp`, ...CONVERSION.slice(1), `--input_axes=${axes}`, "-", STDOUT];
        const line = `"$@" < ${folder}/movie.npy > >(head -c 6 | tail -c 5; echo); echo $?`;
        const { stdout, stderr } = await new Deno.Command("bash", {
          args: ["-c", `${line}; wait`, "sh", ...programCommand(), ...words],
          stdin: "null",
          env: { NO_COLOR: "1", TMPDIR: join(folder, "tmp") },
        }).output();
        const text = new TextDecoder();
        assertEquals([text.decode(stdout).trim().split("\n").sort(), text.decode(stderr)], [["0", "NUMPY"], ""]);
        assertEquals(await Array.fromAsync(Deno.readDir(join(folder, "tmp"))), []);
      }
    }),
});

Deno.test({
  name: "stdout on a full disk is one line and exit code 5",
  ignore,
  fn: () =>
    inFolder(async (folder) => {
      for (const more of [[], ["--output_axis_order=cyx"]]) {
        const { code, stderr } = await shell(`"$@" > /dev/full`, [PROJECT, IMAGE, STDOUT, ...more], { TMPDIR: folder });
        assertEquals(code, 5);
        assertMatch(stderr, /^error: \S+g2d\.png: cannot write stdout: no space left on the disk[^\n]*\n$/);
        assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
      }
    }),
});

Deno.test({
  name: "without a folder for temporary files stdin is one line and exit code 5",
  ignore,
  fn: async () => {
    const { code, stderr } = await shell(`head -c 999 /dev/zero | "$@"`, [PROJECT, "-"], { TMPDIR: "/no/such/folder" });
    assertEquals(code, 5);
    assertMatch(stderr, /^error: cannot keep stdin in a temporary file: [^\n]*; TMPDIR names another folder [^\n]*\n$/);
  },
});

for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name: `${signal} ends the waiting for stdin and for the reader of stdout, and leaves nothing`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      inFolder(async (folder) => {
        const waiting = async (child: Deno.ChildProcess): Promise<void> => {
          while ((await Array.fromAsync(Deno.readDir(join(folder, "tmp")))).length === 0) {
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          child.kill(signal);
        };
        const half = await piped(folder, [PROJECT, "-", STDOUT], "piped", async (child) => {
          const writer = child.stdin.getWriter();
          await writer.write(array(300, 300).slice(0, 5000));
          await waiting(child);
          // The signal, not the end of the stream, ends the run.
          await child.status;
          await writer.close().catch(() => {});
        });
        assertEquals([half.code, half.stdout.length], [expected, 0]);

        // A reader that never reads: the pipe is full long before the end.
        await Deno.writeFile(join(folder, "image.npy"), array(2000, 2000));
        const [program, ...before] = programCommand();
        for (const order of ["yx", "xy"]) {
          const temporary = join(folder, "tmp");
          const child = new Deno.Command(program, {
            args: [...before, ...CONVERSION, join(folder, "image.npy"), STDOUT, "--events=json", "--input_axes=yx"]
              .concat(`--output_axis_order=${order}`),
            cwd: folder,
            stdin: "null",
            stdout: "piped",
            stderr: "piped",
            env: { NO_COLOR: "1", TMPDIR: temporary },
          }).spawn();
          const stdout = child.stdout.getReader({ mode: "byob" });
          await stdout.read(new Uint8Array(10));
          child.kill(signal);
          const { code } = await child.status;
          assertEquals(code, expected);
          stdout.releaseLock();
          await child.stdout.cancel();
          await child.stderr.cancel();
          assertEquals(await Array.fromAsync(Deno.readDir(temporary)), []);
        }
      }),
  });
}

/** Runs the program with a terminal for one of its streams. */
const ON_TERMINAL = `
import pty, subprocess, sys
stream, words = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, stream: slave}
done = subprocess.run(words, stderr=subprocess.PIPE, **streams)
print(done.returncode, done.stderr.decode(), end="")
`;

for (
  const [stream, words, message] of [
    ["stdin", ["-"], /^2 error: the input `-` is stdin, which is a terminal; pipe [^\n]*\n$/],
    ["stdout", [IMAGE, STDOUT], /^2 error: [^\n]* writes to stdout, which is a terminal; pipe [^\n]*\n$/],
  ] as const
) {
  Deno.test({
    name: `a terminal as ${stream} is an error of one line`,
    ignore: ignore || !hasNumpy,
    fn: async () => {
      const { stdout } = await new Deno.Command(PYTHON, {
        args: ["-c", ON_TERMINAL, stream, ...programCommand(), PROJECT, ...words],
        env: { NO_COLOR: "1" },
      }).output();
      assertMatch(new TextDecoder().decode(stdout), message);
    },
  });
}

Deno.test({
  name: "an array that is much larger than the budget goes from stdin to stdout",
  ignore,
  fn: () =>
    inFolder(async (folder) => {
      const report = join(folder, "r.json");
      const [frames, edge] = [600, 1000];
      const header = Array.from(npyHeader("uint8", [frames, edge, edge]), (byte) => `\\${byte.toString(8)}`).join("");
      await Deno.writeTextFile(join(folder, "header"), header);
      const words = [`--new_project=${folder}/p.ilp`, ...CONVERSION.slice(1), "--input_axes=tyx", "-", STDOUT]
        .concat(["--memory=200M", `--report=${report}`]);
      const line = `{ printf "$(cat ${folder}/header)"; head -c ${frames * edge * edge} /dev/zero; } | "$@" | wc -c`;
      const { code, stdout, stderr } = await shell(line, words, { TMPDIR: folder });
      assertEquals([code, stderr], [0, ""]);
      assertEquals(Number(stdout), frames * edge * edge + 128);
      // The promise of the memory option: 300 MB beside the budget at most.
      const { peakMemory } = JSON.parse(await Deno.readTextFile(report));
      assert(peakMemory < 500e6, String(peakMemory));
    }),
});

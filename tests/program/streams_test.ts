/**
 * Streams that cannot be written: closed, full, or not read any more.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DATA, inFolder, type Outcome, programCommand } from "./program.ts";

const OWN = join(DATA, "own");
const RUN = [`--project=${join(OWN, "pc2d_small.ilp")}`, join(OWN, "images", "g2d.png")];

/** Runs the program by a shell, with `redirection` behind the command. */
async function runRedirected(words: readonly string[], redirection: string): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", `"$@" ${redirection}`, "sh", ...programCommand(), ...words],
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

const ignore = Deno.build.os !== "linux";

for (const redirection of ["2>/dev/full", "2>&-", ">&-", "<&- >&- 2>&-"]) {
  Deno.test({
    name: `C18: a run whose streams are ${redirection} writes its output and ends with 0`,
    ignore,
    fn: () =>
      inFolder(async (folder) => {
        const out = join(folder, "o.npy");
        const options = ["--verbose", "--output_format=numpy", `--output_filename_format=${out}`];
        for (const more of [[], ["--events=json"]]) {
          assertEquals((await runRedirected([...RUN, ...options, ...more], redirection)).code, 0);
          assertEquals((await Deno.stat(out)).isFile, true);
          await Deno.remove(out);
        }
      }),
  });
}

Deno.test({
  name: "errors keep their exit code when nobody can read them",
  ignore,
  fn: async () => {
    for (const redirection of ["2>/dev/full", "2>&-"]) {
      assertEquals((await runRedirected(["--project=/no/p.ilp", "a.png"], redirection)).code, 3);
      assertEquals((await runRedirected(["--unknown"], redirection)).code, 2);
    }
  },
});

Deno.test({
  name: "stdout on a full disk is one line and exit code 5",
  ignore,
  fn: async () => {
    const { code, stderr } = await runRedirected(["--help"], ">/dev/full");
    assertEquals(code, 5);
    assertMatch(stderr, /^error: cannot write to stdout: No space left on device[^\n]*\n$/);
  },
});

Deno.test({
  name: "a log file on a full disk does not stop the run, and is told at its end with exit code 5",
  ignore,
  fn: () =>
    inFolder(async (folder) => {
      const out = join(folder, "o.npy");
      const { code, stdout, stderr } = await runRedirected(
        [...RUN, "--logfile=/dev/full", "--output_format=numpy", `--output_filename_format=${out}`],
        "",
      );
      assertEquals([code, stdout], [5, `${out}\nCompleted Batch Processing\n`]);
      assertMatch(stderr, /^error: cannot write \/dev\/full: No space left on device[^\n]*\n$/);
    }),
});

Deno.test({
  name: "names and damaged files cannot send control characters to the terminal",
  ignore,
  fn: async () => {
    const { code, stderr } = await runRedirected([RUN[0] ?? "", "a\x1b[31m\nb\x07.png"], "");
    assertEquals(code, 4);
    assertMatch(stderr, /a\\x1b\[31m \| b\\x07\.png/);
  },
});

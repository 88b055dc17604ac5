/**
 * The packed executable in a root folder that holds nothing but the C library: all whole-program tests pass there.
 */
import { assertEquals } from "@std/assert";
import { ensureDir, exists } from "@std/fs";
import { basename, dirname, join } from "@std/path";
import { inFolder, ROOT } from "./program.ts";

/** What the executable needs of a Linux system (packaging.md §5.1); `/proc` and `/dev` besides. */
const SYSTEM_FILES = [
  "lib64/ld-linux-x86-64.so.2",
  ...["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1"]
    .map((file) => `lib/x86_64-linux-gnu/${file}`),
];

/** Why this machine cannot do it; undefined if it can. */
async function obstacle(): Promise<string | undefined> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return "no x86-64 Linux";
  if (Deno.env.has("ILASTIK_HEADLESS_PROGRAM")) return "the tests run with a given executable already";
  for (const file of SYSTEM_FILES) if (!await exists(`/${file}`)) return `no /${file}`;
  try {
    const { success } = await new Deno.Command("unshare", { args: [...UNSHARE, "true"], stderr: "null" }).output();
    return success ? undefined : "no other root folder can be entered (neither root nor user name spaces)";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no `unshare`";
    throw error;
  }
}

/** Own mounts; who is not root becomes it in a name space of users. */
const UNSHARE = ["--mount", ...(Deno.build.os === "linux" && Deno.uid() !== 0 ? ["--user", "--map-root-user"] : [])];

/** Runs a command of the repository and gives what it wrote. */
async function command(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, env, cwd: ROOT }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(code, 0, text);
  return text;
}

/**
 * Makes the root folder, and a script that runs the executable in it, with the working folder kept and with the test
 * data and the folder for temporary files at their usual places.
 */
async function makeRoot(folder: string): Promise<string> {
  const root = join(folder, "root");
  const seen = ["/proc", "/dev", ROOT, join(ROOT, "..", "shared"), dirname(folder)];
  for (const file of SYSTEM_FILES) {
    await ensureDir(dirname(join(root, file)));
    await Deno.copyFile(`/${file}`, join(root, file));
  }
  const mounts: string[] = [];
  for (const place of seen) {
    if (!await exists(place)) continue;
    await ensureDir(join(root, place));
    mounts.push(`mount --rbind '${place}' '${root}${place}'`);
  }
  await Deno.copyFile(join(folder, "ilastik-headless"), join(root, "ilastik-headless"));
  const script = join(folder, "run-in-root");
  const inner = `${mounts.join(" && ")} && exec unshare --root='${root}' --wd="$PWD" /ilastik-headless "$@"`;
  await Deno.writeTextFile(
    script,
    // The variable says how the tools are fetched; users of the executable do not have it.
    `#!/bin/sh\nunset DENO_TLS_CA_STORE\nexec unshare ${UNSHARE.join(" ")} -- sh -c '${
      inner.replaceAll("'", `'\\''`)
    }' sh "$@"\n`,
    { mode: 0o755 },
  );
  return script;
}

const reason = await obstacle();

Deno.test({
  name: `the executable passes all whole-program tests in an empty root${reason ? ` (skipped: ${reason})` : ""}`,
  ignore: reason !== undefined,
  fn: () =>
    inFolder(async (folder) => {
      await command("scripts/compile", ["--output", join(folder, "ilastik-headless")]);
      const program = await makeRoot(folder);
      const tests = await Array.fromAsync(Deno.readDir(join(ROOT, "tests/program")), ({ name }) => name);
      // Signals would end the wrapper around the empty root instead of the program.
      const left = [basename(import.meta.url), "stop_test.ts"];
      const others = tests.filter((name) => name.endsWith("_test.ts") && !left.includes(name));
      const args = ["test", "--quiet", "--allow-all", "--no-check", "--frozen", "--cached-only"];
      const text = await command(Deno.execPath(), [...args, ...others.map((name) => `tests/program/${name}`)], {
        ILASTIK_HEADLESS_PROGRAM: program,
        NO_COLOR: "1",
      });
      assertEquals(/ (\d+) failed/.exec(text)?.[1], "0", text);
    }),
});

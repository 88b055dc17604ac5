/**
 * Puts the program's modules into few files before it is packed: loading 200 modules one by one takes as long as the
 * rest of the start. What few runs need stays in files of its own, loaded on demand.
 *
 * @module
 */
import { hostTarget, type Target } from "../ffi/target.ts";
import { BuildError, removeIfThere, run, sha256OfFile } from "../native/build/run.ts";

/** The bundler that `deno bundle` of the pinned Deno fetches: its file below `DENO_DIR`, and the checksums. */
const ESBUILD: Readonly<Record<Target, { file: string; sha256: string }>> = {
  "linux-x64": {
    file: "dl/esbuild-0.25.5/esbuild-linux-x64",
    sha256: "3331e0b23c99d93d9a39e436a4838de40ca1c95ac3bcbd9874ba169d8545b634",
  },
  "linux-arm64": {
    file: "dl/esbuild-0.25.5/esbuild-linux-arm64",
    sha256: "d6d656d9326ce1c55c01f73604a3cffda35c63cce60016e9ed795ac91cd1e67d",
  },
  "macos-x64": {
    file: "dl/esbuild-0.25.5/esbuild-darwin-x64",
    sha256: "e7b2a105f88836f1e080a76180e5cd8e59d1c22f6575d63f5a77a104954c427e",
  },
  "macos-arm64": {
    file: "dl/esbuild-0.25.5/esbuild-darwin-arm64",
    sha256: "58d144357454bca840167171380785b133b1e5e682d0c51afa8c80158bfd3f8a",
  },
  "windows-x64": {
    file: "dl/esbuild-0.25.5/esbuild-win32-x64.exe",
    sha256: "889543031385fb79a28b09a5611a3a03f913beb5a608c7de29390c13f1030994",
  },
};

/**
 * Bundles `main.ts` with everything that it imports.
 *
 * @param root the project's folder
 * @param folder where the files go, one level below `root`, where the native libraries are found from
 * @returns the file that starts the program
 * @throws {BuildError} if a step fails, or the bundler is not the one that we know
 */
export async function bundle(root: string, folder: string): Promise<string> {
  await removeIfThere(folder);
  await run("bundle the program", Deno.execPath(), [
    ...["bundle", "--quiet", "--frozen", "--platform", "deno", "--code-splitting"],
    ...["--outdir", folder, "main.ts"],
  ], { cwd: root });
  const { file, sha256 } = ESBUILD[hostTarget()];
  const path = `${Deno.env.get("DENO_DIR")}/${file}`;
  const found = sha256OfFile(path);
  if (found !== sha256) throw new BuildError(`the bundler ${path} has the checksum ${found}, needed is ${sha256}`);
  return `${folder}/main.js`;
}

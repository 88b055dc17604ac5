/**
 * Gets the Deno runtime (`denort`) that `deno compile` puts under a program; started by `scripts/denort`.
 *
 * Its own download host is no package registry, so it is taken out of a published program that was itself made by
 * `deno compile`: the PyPI wheels of bids-validator-deno 2.4.0 (MIT) are all built with Deno 2.6.8. Wheel and runtime
 * are checked by their checksums; a damaged runtime in the cache is made again.
 *
 * @module
 */
import { ensureDir } from "@std/fs";
import { removeIfThere, run, say, sha256, sha256OfFile } from "../native/build/run.ts";
import type { Target } from "../ffi/target.ts";
import { takeOffPayload } from "./take_off_payload.ts";

/** The published program. */
const PACKAGE = "bids-validator-deno==2.4.0";

/** Per target: pip's platform, checksum of the wheel, checksum of the runtime inside. */
const RUNTIMES: Readonly<Record<Target, { platform: string; wheel: string; runtime: string }>> = {
  "linux-x64": {
    platform: "manylinux_2_28_x86_64",
    wheel: "b6a7000b926323d25c6122ea4f92579eb7cd13790d5a2d90eb22fa069837a530",
    runtime: "23bd19ba48c11df327fca649a81c9d44f0111d9951c1e93ef05bacc219e7ecc3",
  },
  "linux-arm64": {
    platform: "manylinux_2_28_aarch64",
    wheel: "b4fdf1267c1da17402d143d6b4f963cf54117dec1525e9f68437f6ace3518219",
    runtime: "d2eded4f7a3c5f4ced2e034c29962fad8e5f26e06c27e5194e9f002ee7f40370",
  },
  "windows-x64": {
    platform: "win_amd64",
    wheel: "181cc80b792523970a134962e1f65ec0539b455fa5aaeef1d1e3a1b20a29c5eb",
    runtime: "03b8866e42a62370d4a0bedf8f87d51509b90c50e049353d5709f8e951c9dfa0",
  },
  "macos-x64": {
    platform: "macosx_10_12_x86_64",
    wheel: "b9018593f9f768c0912001fb724374eff1034128374512e0da08ff727920c604",
    runtime: "b6e3fef70b2cd1ef02fbc28be53001d83b7b743adc2aa05dbd7e1b80592958fa",
  },
  "macos-arm64": {
    platform: "macosx_11_0_arm64",
    wheel: "a35622e2b0f5772fe08ba309e3eac9a3ad47cc4aecc37c4a6e93aea2b72f2849",
    runtime: "317fb10009af54a457bffaa42d0cff13f137d5806a87a2f582291694cda5c4a4",
  },
};

/**
 * Makes sure that a target's runtime is in the cache.
 *
 * @param target the target
 * @param cache our cache folder
 * @returns path of the runtime
 * @throws {Error} if the target is unknown, the wheel cannot be had, or its content is not what it should be
 */
export async function fetchRuntime(target: string, cache: string): Promise<string> {
  const row = Object.entries(RUNTIMES).find(([name]) => name === target)?.[1];
  if (row === undefined) throw new Error(`unknown target \`${target}\`; known are ${Object.keys(RUNTIMES).join(", ")}`);
  const end = target === "windows-x64" ? ".exe" : "";
  const path = `${cache}/denort/${row.runtime.slice(0, 12)}-${target}${end}`;
  if (sha256OfFile(path) === row.runtime) return path;
  say(`fetching the Deno runtime for ${target} (44 MB)`);
  await ensureDir(`${cache}/denort`);
  const work = await Deno.makeTempDir({ dir: `${cache}/denort` });
  try {
    await Deno.writeTextFile(`${work}/requirements.txt`, `${PACKAGE} --hash=sha256:${row.wheel}\n`);
    await run("fetch the Deno runtime", "python3", [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"],
      ...["--require-hashes", "--platform", row.platform, "--target", `${work}/wheel`],
      ...["-r", `${work}/requirements.txt`],
    ]);
    const runtime = takeOffPayload(await Deno.readFile(`${work}/wheel/bin/bids-validator-deno${end}`));
    const found = sha256(runtime);
    if (found !== row.runtime) throw new Error(`the runtime has the checksum ${found}, needed is ${row.runtime}`);
    await Deno.writeFile(`${work}/denort`, runtime, { mode: 0o755 });
    await Deno.rename(`${work}/denort`, path);
  } finally {
    await removeIfThere(work);
  }
  return path;
}

if (import.meta.main) {
  const [target = ""] = Deno.args;
  try {
    const path = await fetchRuntime(target, Deno.env.get("ILASTIK_HEADLESS_CACHE") ?? "");
    Deno.stdout.writeSync(new TextEncoder().encode(`${path}\n`));
  } catch (error) {
    say(`denort: error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}

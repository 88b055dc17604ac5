/**
 * The C sources of the foreign libraries: crates of the Rust registry, with cargo as the downloader.
 *
 * @module
 */
import { exists } from "@std/fs";
import { removeIfThere, run, say, sha256, sha256OfFile } from "./run.ts";

/** Crates whose folders are kept; cargo fetches their (unused) Rust dependencies too. */
const CRATES = [
  "blosc-src",
  "hdf5-metno-src",
  "libdeflate-sys",
  "liblzma-sys",
  "libtiff-sys",
  "libz-sys",
  "lz4-sys",
  "turbojpeg-sys",
  "zstd-sys",
] as const;

/** Folder of `Cargo.toml` and `Cargo.lock`. */
const MANIFEST_FOLDER = `${import.meta.dirname}/../sources`;

/** Whether every file of a crate is as cargo wrote it. */
async function isWhole(crate: string): Promise<boolean> {
  try {
    const { files } = JSON.parse(await Deno.readTextFile(`${crate}/.cargo-checksum.json`)) as {
      files: Record<string, string>;
    };
    return Object.entries(files).every(([file, sum]) => sha256OfFile(`${crate}/${file}`) === sum);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * What cargo needs to work under a home folder that is not the one it was installed in: rustup's `cargo` looks for the
 * real one in the home folder, and writes there.
 */
async function cargoEnvironment(cache: string): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  const path = (Deno.env.get("PATH") ?? "").split(":");
  for (const folder of path) {
    const rustup = `${folder}/../../.rustup`;
    if (!await exists(`${folder}/cargo`)) continue;
    if (!Deno.env.get("RUSTUP_HOME") && await exists(`${folder}/rustup`) && await exists(rustup)) {
      env["RUSTUP_HOME"] = rustup;
    }
    break;
  }
  if (!Deno.env.get("CARGO_HOME") && !await exists(`${Deno.env.get("HOME") ?? ""}/.cargo`)) {
    env["CARGO_HOME"] = `${cache}/cargo`;
  }
  return env;
}

/**
 * Makes sure that the sources are there and whole.
 *
 * @param cache our cache folder
 * @returns folder with one folder per crate
 * @throws {BuildError} if cargo is missing or fails
 */
export async function fetchSources(cache: string): Promise<string> {
  const given = Deno.env.get("ILASTIK_NATIVE_SOURCES");
  if (given) return given;
  const lock = await Deno.readFile(`${MANIFEST_FOLDER}/Cargo.lock`);
  const folder = `${cache}/sources-${sha256(lock).slice(0, 12)}`;
  const whole = await Promise.all(CRATES.map((crate) => isWhole(`${folder}/${crate}`)));
  if (whole.every(Boolean)) return folder;
  say("fetching the sources of the native libraries");
  const part = `${folder}.part`;
  await removeIfThere(part);
  await removeIfThere(folder);
  await run(
    "fetch the native sources (ILASTIK_NATIVE_SOURCES may name a folder that has them)",
    "cargo",
    ["vendor", "--locked", "--quiet", "--manifest-path", `${MANIFEST_FOLDER}/Cargo.toml`, `${part}/all`],
    { env: await cargoEnvironment(cache) },
  );
  for (const crate of CRATES) await Deno.rename(`${part}/all/${crate}`, `${part}/${crate}`);
  await removeIfThere(`${part}/all`);
  await Deno.rename(part, folder);
  return folder;
}

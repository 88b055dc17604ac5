/**
 * Writes THIRD_PARTY_NOTICES.md from the licence files of the sources; started by `scripts/notices`.
 *
 * @module
 */
import { expandGlob } from "@std/fs";
import { resolve } from "@std/path";
import { hostTarget } from "../ffi/target.ts";
import { BuildError, run } from "../native/build/run.ts";
import { fetchSources } from "../native/build/sources.ts";
import { TARGETS } from "../native/build/targets.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");

/** C libraries: name and version, licence, and the files with its text, below the vendored sources or absolute. */
const LIBRARIES: readonly (readonly [name: string, licence: string, files: readonly string[]])[] = [
  ["HDF5 2.2.0 (one check added, see native/build/recipes.ts)", "BSD style", ["hdf5-metno-src/ext/hdf5/LICENSE"]],
  ["zlib 1.3.2", "zlib", ["libz-sys/src/zlib/LICENSE"]],
  // Its crate has no licence file; this is that of the project.
  ["c-blosc 1.21.6", "BSD-3-Clause", [`${ROOT}/native/sources/BLOSC_LICENSE.txt`]],
  ["lz4 1.10.0", "BSD-2-Clause", ["lz4-sys/liblz4/lib/LICENSE"]],
  ["libdeflate 1.26", "MIT", ["libdeflate-sys/libdeflate/COPYING"]],
  ["zstd 1.5.7", "BSD-3-Clause", ["zstd-sys/zstd/LICENSE"]],
  ["libtiff 4.7.2", "libtiff", ["libtiff-sys/libtiff/LICENSE.md"]],
  ["libjpeg-turbo 3.1.0", "IJG, BSD-3-Clause", ["turbojpeg-sys/libjpeg-turbo/LICENSE.md"]],
  ["liblzma 5.8.4", "0BSD", ["liblzma-sys/xz/COPYING.0BSD"]],
];

/** The MIT licence, for packages that name it without a file of their own. */
function mit(holder: string): string {
  return Deno.readTextFileSync(`${ROOT}/LICENSE`).replace(/Copyright \(c\).*/, `Copyright (c) ${holder}`);
}

/** Packages without a licence file, to the holder that their metadata names. */
const MIT_HOLDERS: Readonly<Record<string, string>> = {
  "deno-std": "2018-2026 the Deno authors",
  omggif: "2013 Dean McNamee <dean@gmail.com>",
};

/** One section of the file. */
function section(title: string, licence: string, text: string): string {
  return `## ${title}\n\nLicence: ${licence}\n\n\`\`\`text\n${text.replaceAll("\r", "").trim()}\n\`\`\`\n`;
}

/** Name and version of every npm package in the lock file. */
async function npmPackages(): Promise<{ name: string; version: string }[]> {
  const lock = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.lock`)) as { npm: Record<string, unknown> };
  return Object.keys(lock.npm).map((key) => {
    const [, name = "", version = ""] = /^(.+)@([^@_]+)/.exec(key) ?? [];
    return { name, version };
  });
}

async function npmSection({ name, version }: { name: string; version: string }): Promise<string> {
  const folder = `${Deno.env.get("DENO_DIR")}/npm/*/${name}/${version}`;
  const [metadata] = await Array.fromAsync(expandGlob(`${folder}/package.json`));
  if (metadata === undefined) throw new BuildError(`${name} ${version} is not in the cache`);
  const { license } = JSON.parse(await Deno.readTextFile(metadata.path)) as { license?: string };
  const [file] = await Array.fromAsync(expandGlob(`${folder}/LICEN[CS]E*`));
  const holder = MIT_HOLDERS[name];
  if (file === undefined && holder === undefined) throw new BuildError(`${name} has no licence file`);
  const text = file === undefined ? mit(holder ?? "") : await Deno.readTextFile(file.path);
  return section(`${name} ${version} (npm)`, license ?? "MIT", text);
}

/** The licences inside OpenBLAS's wheel. */
async function openBlasSection(): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await run("fetch OpenBLAS", "python3", [
      ...[
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--target",
        folder,
      ],
      ...["--platform", TARGETS[hostTarget()].wheelPlatform, "-r", `${ROOT}/native/build/openblas.txt`],
    ]);
    const texts: string[] = [];
    for await (const { path } of expandGlob(`${folder}/*.dist-info/licenses/*`)) {
      texts.push(await Deno.readTextFile(path));
    }
    return section(
      "OpenBLAS 0.3.34, LAPACK, GCC runtime (scipy-openblas32)",
      "BSD, GPL with exception",
      texts.join("\n"),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const sources = await fetchSources(Deno.env.get("ILASTIK_HEADLESS_CACHE") ?? "");
  const sections = [
    "# Third-party notices\n\nThe executable of ilastik-headless contains the software below. The Deno runtime (MIT) " +
    "carries V8, ICU and Rust crates with licences of their own, which the Deno project lists.\n",
    section("Deno 2.6.8", "MIT", mit("2018-2026 the Deno authors")),
  ];
  for (const [name, licence, files] of LIBRARIES) {
    const texts = await Promise.all(files.map((file) => Deno.readTextFile(resolve(sources, file))));
    sections.push(section(name, licence, texts.join("\n")));
  }
  sections.push(await openBlasSection());
  for (const entry of await npmPackages()) sections.push(await npmSection(entry));
  await Deno.writeTextFile(`${ROOT}/THIRD_PARTY_NOTICES.md`, sections.join("\n"));
}

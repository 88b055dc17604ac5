/**
 * Builds the foreign libraries of a target into the cache: once, until a pin or the way they are built changes.
 *
 * @module
 */
import { ensureDir, expandGlob, walk } from "@std/fs";
import { basename, dirname, join } from "@std/path";
import { filesBelow, type Manifest, readManifest, writeManifest } from "./manifest.ts";
import { fetchOpenBlas } from "./openblas.ts";
import { type CMakeRecipe, type PlainRecipe, type Recipe, recipes } from "./recipes.ts";
import { BuildError, inParallel, removeIfThere, run, say, sha256, sha256OfFile } from "./run.ts";
import { fetchSources } from "./sources.ts";
import { TARGETS } from "./targets.ts";
import { commonFlags, type Toolchain, writeToolchainFile } from "./toolchain.ts";

/** What decides the built files: a change of any of these builds them anew. */
const PINS = [
  "../../scripts/tools.txt",
  "../sources/Cargo.lock",
  "openblas.txt",
  "openblas.ts",
  "recipes.ts",
  "targets.ts",
  "third_party.ts",
  "toolchain.ts",
] as const;

/** Folders of one build; `part` becomes the finished one. */
interface Places {
  readonly sources: string;
  readonly part: string;
  readonly work: string;
}

/** Flags that keep this machine's paths out of the libraries. */
function pathFlags({ sources, work }: Places): string[] {
  return [`-ffile-prefix-map=${sources}=native`, `-ffile-prefix-map=${work}=build`];
}

async function buildPlain(recipe: PlainRecipe, places: Places, toolchain: Toolchain): Promise<void> {
  const source = `${places.sources}/${recipe.source}`;
  const objects = `${places.work}/${recipe.archive}.objects`;
  await ensureDir(objects);
  const files: string[] = [];
  for (const folder of recipe.folders) {
    for await (const { path } of expandGlob(join(source, folder, "*.c"))) files.push(path);
  }
  const object = (file: string): string => `${objects}/${basename(file, ".c")}.o`;
  const own = recipe.flags.map((flag) => flag.replaceAll("$P", places.part));
  const flags = [...commonFlags(toolchain.target), ...own, ...pathFlags(places)];
  await inParallel(files, async (file) => {
    const args = [...flags, "-c", file, "-o", object(file)];
    await run(`build ${recipe.archive}`, toolchain.wrappers.cc, args, { env: toolchain.env });
  });
  const archive = ["rcs", `${places.part}/lib/${recipe.archive}`, ...files.map(object)];
  await run(`build ${recipe.archive}`, toolchain.wrappers.ar, archive, { env: toolchain.env });
  for (const header of recipe.headers) {
    await Deno.copyFile(`${source}/${header}`, `${places.part}/include/${basename(header)}`);
  }
}

/** Copies a file, or all files of a folder, into a prefix. */
async function copyInto(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) {
    await ensureDir(dirname(to));
    await Deno.copyFile(from, to);
    return;
  }
  await ensureDir(to);
  for await (const entry of Deno.readDir(from)) {
    if (entry.isFile) await Deno.copyFile(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}

/** The sources of a recipe, with its changes made. */
async function editedSources({ source, edits }: CMakeRecipe, { sources, work }: Places): Promise<string> {
  const original = `${sources}/${source}`;
  if (edits === undefined) return original;
  const edited = `${work}/${source.replaceAll("/", "-")}-edited`;
  for await (const { path, isDirectory } of walk(original)) {
    const to = `${edited}${path.slice(original.length)}`;
    if (isDirectory) await ensureDir(to);
    else await Deno.copyFile(path, to);
  }
  for (const { file, find, replace } of edits) {
    const parts = (await Deno.readTextFile(`${edited}/${file}`)).split(find);
    if (parts.length !== 2) throw new BuildError(`${source}/${file}: ${parts.length - 1} places to change, 1 expected`);
    await Deno.writeTextFile(`${edited}/${file}`, parts.join(replace));
  }
  return edited;
}

async function buildWithCMake(recipe: CMakeRecipe, places: Places, toolchain: Toolchain): Promise<void> {
  const source = await editedSources(recipe, places);
  const build = `${places.work}/${recipe.source.replaceAll("/", "-")}`;
  const toolchainFile = `${build}.cmake`;
  await writeToolchainFile(toolchain, places.part, toolchainFile);
  const flags = [...commonFlags(toolchain.target), ...recipe.flags, ...pathFlags(places)];
  await run(`configure ${recipe.source}`, toolchain.cmake, [
    ...["-G", "Ninja", "-S", source, "-B", build],
    `-DCMAKE_MAKE_PROGRAM=${toolchain.ninja}`,
    `-DCMAKE_TOOLCHAIN_FILE=${toolchainFile}`,
    "-DCMAKE_BUILD_TYPE=Release",
    `-DCMAKE_C_FLAGS=${flags.join(" ")}`,
    ...recipe.options.map((option) => option.replaceAll("$P", places.part)),
  ], { env: toolchain.env });
  for (const [file, text] of Object.entries(recipe.overwrite ?? {})) await Deno.writeTextFile(`${build}/${file}`, text);
  await run(`build ${recipe.source}`, toolchain.cmake, ["--build", build, "--target", recipe.goal], {
    env: toolchain.env,
  });
  for (const [to, from] of Object.entries(recipe.products)) {
    const path = from.replace(/^source\//, `${source}/`).replace(/^build\//, `${build}/`);
    if (!path.includes("*")) {
      await copyInto(path, `${places.part}/${to}`);
      continue;
    }
    for await (const found of expandGlob(path)) await copyInto(found.path, `${places.part}/${to}/${found.name}`);
  }
}

async function build(recipe: Recipe, places: Places, toolchain: Toolchain): Promise<void> {
  if (recipe.kind === "plain") await buildPlain(recipe, places, toolchain);
  else await buildWithCMake(recipe, places, toolchain);
}

/** Whether every file of a finished build is there and unchanged. */
function isWhole(folder: string, manifest: Manifest | undefined): boolean {
  return manifest !== undefined &&
    Object.entries(manifest.files).every(([file, { sha256: sum }]) => sha256OfFile(`${folder}/${file}`) === sum);
}

/**
 * Makes sure that the foreign libraries of a target are built.
 *
 * @param toolchain the target and the programs
 * @returns folder with `lib` and `include`
 * @throws {BuildError} if a step fails
 */
export async function buildThirdParty(toolchain: Toolchain): Promise<string> {
  const pins = PINS.map((file) => Deno.readTextFileSync(`${import.meta.dirname}/${file}`));
  const folder = `${toolchain.cache}/native-${sha256(pins.join("\0")).slice(0, 12)}-${toolchain.target}`;
  if (isWhole(folder, await readManifest(folder))) return folder;

  const part = `${folder}.part`;
  const places = { sources: await fetchSources(toolchain.cache), part, work: `${part}/work` };
  await removeIfThere(part);
  await removeIfThere(folder);
  for (const name of ["lib", "include", "work"]) await ensureDir(`${part}/${name}`);
  say(`building HDF5 and libtiff for ${toolchain.target}`);
  const { first, chains } = recipes(TARGETS[toolchain.target]);
  await build(first, places, toolchain);
  await Promise.all([
    fetchOpenBlas(toolchain.target, part),
    ...chains.map(async (chain) => {
      for (const recipe of chain) await build(recipe, places, toolchain);
    }),
  ]);
  await removeIfThere(places.work);
  await writeManifest(part, await filesBelow(part));
  await Deno.rename(part, folder);
  return folder;
}

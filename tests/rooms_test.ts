/**
 * The house rules of docs/architecture.md, "Rooms": who may import whom.
 */
import { assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { dirname, fromFileUrl, join, normalize, relative } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** Native libraries that read and write files, and the error that they all throw. */
const FILE_LIBRARIES = [
  "ffi/hdf5",
  "ffi/tiff",
  "ffi/jpeg",
  "ffi/zstd",
  "ffi/encode",
  "ffi/inflate",
  "ffi/pack",
  "ffi/png",
  "ffi/blosc",
  "ffi/scale",
  "ffi/native_error",
];

/** What each room may import, besides itself. `ffi/x` stands for the files of `ffi` whose name begins with `x`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["cli"],
  cli: ["workflows", "project", "inputs", "outputs", "engine", "array"],
  workflows: ["project", "engine", "kernels", "tables", "array"],
  outputs: ["array", ...FILE_LIBRARIES],
  inputs: ["array", ...FILE_LIBRARIES],
  tables: ["array", ...FILE_LIBRARIES],
  project: ["array", ...FILE_LIBRARIES],
  engine: ["array"],
  kernels: ["array", "ffi/kernels", "ffi/openblas", "ffi/solver"],
  array: [],
  std: [],
  ffi: [],
};

/** An import of one of our files by another, as paths below the root. */
interface Import {
  readonly from: string;
  readonly to: string;
}

/** Room of a file. */
function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "lib" ? second : first;
}

/** Imports in a source text; type-only imports count too, because they are knowledge as well. */
function importsOf(text: string): string[] {
  return Array.from(text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g), ([, specifier = ""]) => specifier);
}

async function allImports(): Promise<Import[]> {
  const found: Import[] = [];
  const starts = { ".": 1, lib: Infinity, ffi: Infinity };
  for (const [start, maxDepth] of Object.entries(starts)) {
    for await (const { path } of walk(join(ROOT, start), { exts: [".ts"], includeDirs: false, maxDepth })) {
      const from = relative(ROOT, path);
      for (const specifier of importsOf(await Deno.readTextFile(path))) {
        if (specifier.startsWith(".")) found.push({ from, to: normalize(join(dirname(from), specifier)) });
      }
    }
  }
  return found;
}

function isAllowed({ from, to }: Import): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === other) return true;
  return (MAY_IMPORT[room] ?? []).some((allowed) => allowed.includes("/") ? to.startsWith(allowed) : other === allowed);
}

Deno.test("every room imports only what the architecture allows", async () => {
  const forbidden = (await allImports()).filter((entry) => !isAllowed(entry));
  assertEquals(forbidden.map(({ from, to }) => `${from} imports ${to}`), []);
});

Deno.test("every folder of lib is a room with rules", async () => {
  const rooms = await Array.fromAsync(Deno.readDir(join(ROOT, "lib")), ({ name }) => name);
  assertEquals(rooms.filter((room) => !(room in MAY_IMPORT)), []);
});

Deno.test("no files import each other in a circle", async () => {
  const imports = Map.groupBy(await allImports(), ({ from }) => from);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    if (done.has(file) || way.includes(file)) return;
    for (const { to } of imports.get(file) ?? []) visit(to, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  assertEquals(circles, []);
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import { format } from "@std/fmt/bytes";
import { ensureDir, exists, expandGlob, walk } from "@std/fs";
import { dirname, join } from "@std/path";
import { describe, it } from "@std/testing/bdd";

/** Runs a test with a fresh folder that holds the given empty files. */
async function withFiles(files: string[], test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "std_test_" });
  try {
    for (const file of files) {
      await ensureDir(dirname(join(folder, file)));
      await Deno.writeTextFile(join(folder, file), "");
    }
    await test(await Deno.realPath(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Paths of what was found, without the folder in front. */
async function paths(folder: string, entries: AsyncIterable<{ path: string }>): Promise<string[]> {
  const found = await Array.fromAsync(entries, ({ path }) => path);
  return found.map((path) => path.slice(folder.length + 1)).sort();
}

describe("ensureDir()", () => {
  it("makes parents and accepts a folder that is there", () =>
    withFiles([], async (folder) => {
      await ensureDir(join(folder, "a/b"));
      await ensureDir(join(folder, "a/b"));
      assert(await exists(join(folder, "a/b"), { isDirectory: true }));
    }));

  it("refuses a file of that name", () =>
    withFiles(["a"], async (folder) => {
      await assertRejects(() => ensureDir(join(folder, "a")), Error, "Failed to ensure directory exists");
    }));
});

describe("exists()", () => {
  it("tells files, folders and nothing apart", () =>
    withFiles(["a/b"], async (folder) => {
      assertEquals(await exists(join(folder, "a/b"), { isFile: true }), true);
      assertEquals(await exists(join(folder, "a/b"), { isDirectory: true }), false);
      assertEquals(await exists(join(folder, "a/b/c")), false);
      assertEquals(await exists(join(folder, "x")), false);
    }));
});

describe("walk()", () => {
  it("visits everything, to a depth, with an end, and without a skipped folder", () =>
    withFiles(["a.ts", "b/c.ts", "b/d.txt", "e/f.ts"], async (folder) => {
      assertEquals(await paths(folder, walk(folder)), ["", "a.ts", "b", "b/c.ts", "b/d.txt", "e", "e/f.ts"]);
      assertEquals(await paths(folder, walk(folder, { maxDepth: 1, includeDirs: false })), ["a.ts"]);
      assertEquals(await paths(folder, walk(folder, { exts: ["ts"], skip: [/\/b$/] })), ["a.ts", "e/f.ts"]);
    }));
});

describe("expandGlob()", () => {
  const files = ["a1.png", "a2.png", "b.tif", "s/a3.png", "s/t/a4.png"];

  it("finds by star, question mark, set, braces and double star", () =>
    withFiles(files, async (root) => {
      assertEquals(await paths(root, expandGlob("*.png", { root })), ["a1.png", "a2.png"]);
      assertEquals(await paths(root, expandGlob("a?.png", { root })), ["a1.png", "a2.png"]);
      assertEquals(await paths(root, expandGlob("a[2-9].png", { root })), ["a2.png"]);
      assertEquals(await paths(root, expandGlob("{a1.png,b.tif}", { root })), ["a1.png", "b.tif"]);
      assertEquals(await paths(root, expandGlob("**/*.png", { root })), ["a1.png", "a2.png", "s/a3.png", "s/t/a4.png"]);
      assertEquals(await paths(root, expandGlob("*/a*.png", { root })), ["s/a3.png"]);
      assertEquals(await paths(root, expandGlob(`${root}/*.tif`)), ["b.tif"]);
    }));

  it("finds a plain path, and nothing where nothing is", () =>
    withFiles(files, async (root) => {
      assertEquals(await paths(root, expandGlob("b.tif", { root })), ["b.tif"]);
      assertEquals(await paths(root, expandGlob("none/*.tif", { root })), []);
      assertEquals(await paths(root, expandGlob("s", { root, includeDirs: false })), []);
    }));
});

describe("link folders", () => {
  it("hand on the real functions of the standard library", () => {
    assertEquals(format(1337), "1.34 kB");
    assertEquals(stripAnsiCode("\x1b[31mred\x1b[39m"), "red");
  });
});

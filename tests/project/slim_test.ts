import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { UserError } from "../../lib/array/mod.ts";
import { describeProject, openProject, slimProject } from "../../lib/project/mod.ts";
import { withoutFolders } from "../../lib/project/slim.ts";

const DATA = fromFileUrl(new URL("../data", import.meta.url));

// The library is opened once for all tests, not inside one of them.
await (await openProject(join(DATA, "own", "pc2d_small.ilp")))[Symbol.asyncDispose]();
for (const name of ["pc2d_rgb", "pc2d_stored", "pc3d_mix", "pc2dt_s", "ac2d"]) {
  Deno.test(`slimProject() keeps all of ${name} that prediction needs, and no label`, () =>
    inFolder(async (folder) => {
      const target = join(folder, "deep", "slim.ilp");
      const result = await slimProject(join(DATA, "own", `${name}.ilp`), target);
      const [before, after] = [await describeProject(join(DATA, "own", `${name}.ilp`)), await describeProject(target)];
      assertEquals(after.header, before.header);
      assertEquals(after.exportSettings, before.exportSettings);
      assertEquals(after.stages, before.stages.map((stage) => ({ ...stage, hasLabels: false })));
      assertEquals(
        after.lanes,
        before.lanes.map((lane) =>
          lane.map((input) => input && { ...input, filePath: input.filePath.replace(/^images\//, "") })
        ),
      );
      assertEquals(result.emptied.filter((group) => group.endsWith("LabelSets")).length, name === "ac2d" ? 2 : 1);
      assertEquals(result.bytesAfter, (await Deno.stat(target)).size);
      assert(result.bytesAfter < result.bytesBefore);
      const bytes = new TextDecoder("latin1").decode(await Deno.readFile(target));
      assert(!bytes.includes("images/"), "a folder name is still in the file");
      assertEquals(await Array.fromAsync(Deno.readDir(join(folder, "deep")), (entry) => entry.name), ["slim.ilp"]);
    }));
}

Deno.test("slimProject() keeps the forests number by number", () =>
  inFolder(async (folder) => {
    const target = join(folder, "slim.ilp");
    await slimProject(join(DATA, "own", "pc3d_few.ilp"), target);
    await using before = await openProject(join(DATA, "own", "pc3d_few.ilp"));
    await using after = await openProject(target);
    assertEquals((await after.pixelStage(0)).classifier, (await before.pixelStage(0)).classifier);
  }));

Deno.test("slimProject() does not pass on forests that are damaged", () =>
  inFolder(async (folder) => {
    const [path, target] = [join(folder, "hole.ilp"), join(folder, "slim.ilp")];
    await Deno.copyFile(join(DATA, "own", "pc2d_small.ilp"), path);
    {
      await using file = await H5File.open(path, { write: true });
      const leaves = "PixelClassification/ClassifierForests/Forest0000/Tree_0/parameters";
      await using dataset = await file.dataset(leaves);
      const { shape = [] } = dataset.info;
      await dataset.write([0], shape, new Float64Array(shape[0] ?? 0));
    }
    const error = await assertRejects(() => slimProject(path, target), UserError, "Tree_0 should hold a tree");
    assertEquals(error.kind, "project");
    assertEquals(await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name), ["hole.ilp"]);
  }));

Deno.test({
  name: "slimProject() makes a copy that others may read as the user's mask says",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const target = join(folder, "slim.ilp");
      await Deno.writeTextFile(join(folder, "plain"), "");
      await slimProject(join(DATA, "own", "pc2d_small.ilp"), target);
      assertEquals((await Deno.stat(target)).mode, (await Deno.stat(join(folder, "plain"))).mode);
    }),
});

Deno.test("slimProject() tells that a folder stands in its place", () =>
  inFolder(async (folder) => {
    const target = join(folder, "slim.ilp");
    await Deno.mkdir(join(target, "inside"), { recursive: true });
    const error = await assertRejects(() => slimProject(join(DATA, "own", "pc2d_small.ilp"), target), UserError);
    assertEquals(error.kind, "output");
    assertEquals(await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name), ["slim.ilp"]);
  }));

Deno.test("slimProject() refuses projects that need their labels, and leaves nothing", () =>
  inFolder(async (folder) => {
    const error = await assertRejects(
      () => slimProject(join(DATA, "untrained.ilp"), join(folder, "slim.ilp")),
      UserError,
      "holds no trained classifier, so it needs its labels",
    );
    assertEquals(error.kind, "project");
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  }));

Deno.test("slimProject() names a folder that cannot be written", async () => {
  const target = join(DATA, "untrained.ilp", "inside", "slim.ilp");
  const error = await assertRejects(() => slimProject(join(DATA, "own", "pc2d_small.ilp"), target), UserError);
  assertEquals(error.kind, "output");
});

Deno.test("withoutFolders() keeps file names and paths inside files", () => {
  assertEquals(
    [
      "a.png",
      "/home/me/a.png",
      "../x/b.h5/group/data",
      "C:\\Users\\me\\c.tif",
      "/a/1.png:/b/2.png",
      "/d.h5dir/e.png",
      "s*.png",
    ]
      .map(withoutFolders),
    ["a.png", "a.png", "b.h5/group/data", "c.tif", "1.png:2.png", "e.png", "s*.png"],
  );
});

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ilastik-headless-test-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

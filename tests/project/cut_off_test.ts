/**
 * Projects whose end is missing, or zeros as in copies that were not finished: whatever can be read of them is what was
 * stored.
 */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { UserError } from "../../lib/array/mod.ts";
import { openProject } from "../../lib/project/mod.ts";
import { DATA, inFolder, PYTHON, pythonHas } from "../program/program.ts";

const SCRIPT = fromFileUrl(new URL("superblocks.py", import.meta.url));
const HAS_H5PY = await pythonHas("h5py");
/** Coprime to all sizes of structures, so that cuts fall everywhere in them. */
const STEP = 487;

// Library and driver are made once for all tests, not inside one of them.
await inFolder(async (folder) => {
  const path = join(folder, "cut.ilp");
  await Deno.writeFile(path, (await Deno.readFile(join(DATA, "own", "pc2d_small.ilp"))).subarray(0, 60000));
  await (await openProject(path))[Symbol.asyncDispose]();
});

/** All that a prediction depends on. */
async function needed(path: string): Promise<unknown> {
  await using project = await openProject(path);
  return {
    header: project.header,
    roles: project.roleNames,
    lanes: project.laneCount,
    training: await project.lastLane(),
    export: await project.exportSettings(),
    stages: await Promise.all(
      Array.from({ length: project.pixelStageCount }, async (_, i) => {
        const { onlyLabels, labelNames, labelColors, features, classifier } = await project.pixelStage(i);
        return { onlyLabels, labelNames, labelColors, features, classifier };
      }),
    ),
  };
}

/** Takes the end of a file away at many places; returns at how many of them everything needed was still there. */
async function cutEverywhere(path: string, folder: string, end: "missing" | "zeros"): Promise<number> {
  const bytes = await Deno.readFile(path);
  const whole = await needed(path);
  const cut = join(folder, "cut.ilp");
  let same = 0;
  for (let length = bytes.length - 1; length >= 0; length -= STEP) {
    await Deno.writeFile(cut, end === "missing" ? bytes.subarray(0, length) : bytes.slice().fill(0, length));
    try {
      assertEquals(await needed(cut), whole, `${path}, ${length} bytes`);
      same++;
    } catch (error) {
      assert(error instanceof UserError, `${path}, ${length} bytes: ${error}`);
      assertEquals(error.kind, "project");
      assert(error.message.includes(cut), error.message);
    }
  }
  return same;
}

for (const name of ["pc2d_small.ilp", "pc3d_few.ilp", "pc2d_emptyclass.ilp"]) {
  Deno.test(`${name}, cut anywhere, gives what was stored or an error`, () =>
    inFolder(async (folder) => {
      for (const end of ["missing", "zeros"] as const) await cutEverywhere(join(DATA, "own", name), folder, end);
    }));
}

for (const version of [0, 1, 2, 3]) {
  Deno.test({
    name: `a project of superblock version ${version}, cut anywhere, gives what was stored or an error`,
    ignore: !HAS_H5PY,
    fn: () =>
      inFolder(async (folder) => {
        const args = [SCRIPT, join(DATA, "own", "pc2d_small.ilp"), folder];
        assert((await new Deno.Command(PYTHON, { args }).output()).success);
        const path = join(folder, `${version}.ilp`);
        assertEquals((await Deno.readFile(path))[8], version);
        // The late dataset takes 40 000 bytes at the end: nothing that is needed lies there.
        for (const end of ["missing", "zeros"] as const) assert(await cutEverywhere(path, folder, end) > 70);
      }),
  });
}

Deno.test("the error of a project that was cut off says what can be read and what cannot", () =>
  inFolder(async (folder) => {
    const path = join(folder, "cut.ilp");
    const bytes = await Deno.readFile(join(DATA, "own", "pc2d_small.ilp"));
    await Deno.writeFile(path, bytes.subarray(0, 60000));
    await using project = await openProject(path);
    const error = await assertRejects(() => project.pixelStage(0), UserError);
    assertMatch(
      error.message,
      /^cannot read PixelClassification\/ClassifierForests\S* of the project \S+: cut off after 60000 of 80384 bytes; can be read: workflow `Pixel Classification`, version `1\.4\.\S+`, description of the training images, class names, features; cannot be read: export settings, forest$/,
    );
    assertMatch(
      await project.damage() ?? "",
      /^the project \S+ is damaged: cut off after 60000 of 80384 bytes; can be read/,
    );
  }));

Deno.test("a tree whose header is damaged is not left out of the forest", () =>
  inFolder(async (folder) => {
    const path = join(folder, "hole.ilp");
    const bytes = await Deno.readFile(join(DATA, "own", "pc2d_small.ilp"));
    let broken = 0;
    // Signatures of symbol table nodes: one of them is that of the trees' own groups.
    const text = new TextDecoder("latin1").decode(bytes);
    for (const { index } of text.matchAll(/SNOD/g)) {
      const copy = bytes.slice();
      copy.fill(0, index, index + 4);
      await Deno.writeFile(path, copy);
      try {
        assertEquals(await needed(path), await needed(join(DATA, "own", "pc2d_small.ilp")));
      } catch (error) {
        assert(error instanceof UserError, String(error));
        assertMatch(error.message, /; can be read: .*; cannot be read: \w/);
        broken++;
      }
    }
    assert(broken > 20, `${broken} of the groups are needed`);
  }));

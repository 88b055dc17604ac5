import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError, type UserErrorKind } from "../../lib/array/mod.ts";
import { openInput } from "../../lib/inputs/mod.ts";
import { FIXTURES, readList, request, withInput } from "./fixtures.ts";

const TWO_IMAGES = `${FIXTURES}png_8_3.png:${FIXTURES}png_8_3_interlaced.png`;

Deno.test("openInput() stacks images along z and t in front, along c behind in xyc", async () => {
  const one = await withInput(`${FIXTURES}png_8_3.png`, (array) => readList(array));
  for (const along of ["z", "t"]) {
    await withInput(TWO_IMAGES, async (array) => {
      assertEquals([array.axes.join(""), array.shape, array.chunk], [`${along}yxc`, [2, 9, 11, 3], [1, 9, 11, 3]]);
      assertEquals(await readList(array), [...one, ...one]);
      assertEquals(
        await readList(array, [1, 2, 3, 0], [2, 3, 5, 2]),
        [0, 1].flatMap((x) => [0, 1].map((c) => one[(2 * 11 + 3 + x) * 3 + c])) as number[],
      );
    }, { stackAlong: along });
  }
  await withInput(TWO_IMAGES, async (array) => {
    assertEquals([array.axes.join(""), array.shape], ["xyc", [11, 9, 6]]);
    const all = await readList(array);
    for (const [x, y, c] of [[0, 0, 0], [10, 8, 5], [3, 7, 4]] as const) {
      assertEquals(all[(x * 9 + y) * 6 + c], one[(y * 11 + x) * 3 + c % 3]);
    }
    assertEquals(
      await readList(array, [3, 7, 2], [4, 8, 5]),
      [2, 3, 4].map((c) => one[(7 * 11 + 3) * 3 + c % 3] as number),
    );
  }, { stackAlong: "c" });
});

Deno.test("openInput() stacks inner paths of one file, and volumes along an axis that they have", async () => {
  const weights = [41, 29, 7, 13];
  const value = (index: readonly number[]) => (index.reduce((sum, k, i) => sum + k * (weights[i] as number), 5)) % 251;
  await withInput(`${FIXTURES}slices.h5/t*/data`, async (array) => {
    assertEquals([array.axes.join(""), array.shape], ["tzyx", [3, 2, 4, 5]]);
    assertEquals(
      await readList(array, [1, 0, 1, 2], [3, 2, 2, 3]),
      [1, 2].flatMap((t) => [0, 1].map((z) => value([t, z, 1, 2]))),
    );
  }, { stackAlong: "t" });
  await withInput(`${FIXTURES}slices.h5/t*/data`, async (array) => {
    assertEquals([array.axes.join(""), array.shape], ["zyx", [6, 4, 5]]);
    assertEquals(
      await readList(array, [1, 3, 4], [4, 4, 5]),
      [[0, 1], [1, 0], [1, 1]].map(([t, z]) => value([t as number, z as number, 3, 4])),
    );
  });
});

Deno.test("openInput() refuses stacks that do not fit together", async () => {
  const cases: readonly (readonly [string, string, UserErrorKind, string])[] = [
    [
      `${FIXTURES}png_8_3.png:${FIXTURES}png_8_1.png`,
      "z",
      "input",
      "png_8_3.png` does not fit into the stack: it is 9×11×3",
    ],
    [TWO_IMAGES, "y", "usage", "not possible for images"],
    [TWO_IMAGES, "q", "usage", "no axis"],
    [`${FIXTURES}png_8_3.png:${FIXTURES}nope.png`, "z", "input", "nope.png"],
  ];
  for (const [text, stackAlong, kind, words] of cases) {
    const error = await assertRejects(() => openInput(request(text, { stackAlong })), UserError);
    assertEquals(error.kind, kind);
    assertStringIncludes(error.message, words);
  }
});

Deno.test("openInput() widens slices of different types and says so; compat takes the first type and wraps", async () => {
  const text = `${FIXTURES}png_16_1.png:${FIXTURES}png_8_1.png`;
  const said: string[] = [];
  const wide = await withInput(text, async (array) => {
    assertEquals(array.dtype, "uint16");
    return await readList(array);
  }, { warn: (message) => said.push(message) });
  assertEquals(said.filter((message) => message.includes("read as uint16")).length, 1);
  await withInput(text, async (array) => {
    assertEquals(array.dtype, "uint16");
    assertEquals(await readList(array), wide);
  }, { compat: true });
  const folder = await Deno.makeTempDir();
  try {
    await Deno.copyFile(`${FIXTURES}png_8_1.png`, `${folder}/a.png`);
    await Deno.copyFile(`${FIXTURES}png_16_1.png`, `${folder}/b.png`);
    await withInput(`${folder}/*.png`, async (array) => {
      assertEquals(array.dtype, "uint8");
      assertEquals((await readList(array)).slice(99), wide.slice(0, 99).map((value) => Number(value) % 256));
    }, { compat: true });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openInput() stacks TIFF images in front, or along an axis that they have", async (t) => {
  const gray = `${FIXTURES}tiff_uint8.tif:${FIXTURES}tiff_big_uint8.tif`;

  const folder = await Deno.makeTempDir();
  await Deno.copyFile(`${FIXTURES}tiff_contig_3.tif`, `${folder}/b.tif`);
  const two = `${FIXTURES}tiff_contig_3.tif:${folder}/b.tif`;
  const cases: readonly (readonly [string, string, string, number[]])[] = [
    [gray, "z", "zyx", [2, 6, 7]],
    [gray, "c", "cyx", [2, 6, 7]],
    [gray, "t", "tyx", [2, 6, 7]],
    [gray, "y", "yx", [12, 7]],
    [two, "z", "zyxc", [2, 6, 7, 3]],
    [two, "c", "yxc", [6, 7, 6]],
    [two, "y", "yxc", [12, 7, 3]],
  ];
  try {
    for (const [text, stackAlong, axes, shape] of cases) {
      await t.step(`${axes} along ${stackAlong}`, () =>
        withInput(text, async (array) => {
          assertEquals([array.axes.join(""), array.shape], [axes, shape]);
          const part = await withInput(text.split(":")[0] as string, (one) => readList(one));
          const all = await readList(array);
          const channels = text === two ? 3 : 1;
          const last = stackAlong === "c" && channels === 3
            ? all.filter((_, i) => i % 6 >= 3)
            : all.slice(all.length / 2);
          assertEquals(last, part);
        }, { stackAlong }));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { parseAxes, UserError } from "../../lib/array/mod.ts";
import {
  checkCollisions,
  fileName,
  innerName,
  type NameContext,
  type NameOptions,
  sequenceNames,
} from "../../lib/outputs/names.ts";
import { EXTENSIONS } from "../../lib/outputs/formats.ts";

const CONTEXT: NameContext = {
  nickname: "g2d",
  datasetDir: "/data/in",
  resultType: "Simple Segmentation",
  internalAxes: parseAxes("yxc") ?? [],
  outputAxes: parseAxes("tzyxc") ?? [],
  region: { start: [0, 0, 2, 3, 0], stop: [1, 1, 10, 20, 1] },
};

function options(changes: Partial<NameOptions> = {}): NameOptions {
  return {
    baseFolder: "/base",
    homeFolder: "/home/me",
    extension: "h5",
    format: "compressed hdf5",
    sequence: "png sequence",
    knownExtensions: EXTENSIONS,
    compat: false,
    warn: () => {},
    ...changes,
  };
}

const path = (pattern: string, changes: Partial<NameOptions> = {}, context = CONTEXT) =>
  fileName(pattern, context, options(changes)).path;

Deno.test("every placeholder is filled in", () => {
  assertEquals(path("{dataset_dir}/{nickname}_{result_type}"), "/data/in/g2d_Simple Segmentation.h5");
  assertEquals(path("n_{x_start}-{x_stop}_{y_start}-{y_stop}_{c_start}.h5"), "/base/n_3-20_2-10_0.h5");
  assertEquals(path("{roi}"), "/base/[(2, 3, 0), (10, 20, 1)].h5");
  assertEquals(path("{t_start}{t_stop}{z_start}{z_stop}"), "/base/0101.h5");
  assertEquals(path("{x_start:04d}_{nickname:>8}_{nickname!r}"), "/base/0003_     g2d_g2d.h5");
});

Deno.test("a channel is named by {class}, or in front of the extension; its dots are none of an extension", () => {
  const edge = { ...CONTEXT, channel: "edge" };
  assertEquals(path("{class}/{nickname}.tif", {}, edge), "/base/edge/g2d.h5");
  assertEquals(path("{nickname}.tif", {}, edge), "/base/g2d_edge.h5");
  assertEquals(path("{nickname}", {}, { ...edge, nickname: "A.9_z1" }), "/base/A_edge.h5");
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  const dotted = { ...CONTEXT, channel: "σ=1.0" };
  assertEquals(path("{nickname}_{class}", { warn }, dotted), "/base/g2d_σ=1.0.h5");
  assertEquals(path("{nickname}.h5", { warn }, dotted), "/base/g2d_σ=1.0.h5");
  assertEquals(warnings, []);
  assertEquals(path("{class}.tif", { warn }, dotted), "/base/σ=1.0.h5");
  assertEquals(warnings.map((text) => text.split(" in the")[0]), ["σ=1.0.tif is written as σ=1.0.h5"]);
  assertEquals(path("http://host/api/node/abc/n", { extension: "" }, dotted), "http://host/api/node/abc/n_σ=1.0");

  const sequence = (pattern: string) => sequenceNames(pattern, { first: 0, count: 2 }, edge, options());
  assertEquals(sequence("s{slice_index}.h5").slicePaths, ["/base/s0_edge.h5", "/base/s1_edge.h5"]);
  assertEquals(sequence("{class}{slice_index}.h5").slicePaths, ["/base/edge0.h5", "/base/edge1.h5"]);
  assertEquals(innerName("p/{class}", dotted, false), "p/σ=1.0");
  assertThrows(() => path("{class}"), UserError, "unknown placeholder {class}");
});

Deno.test("doubled braces are braces", () => {
  assertEquals(path("{{x}}"), "/base/{x}.h5");
});

Deno.test("the extension is that of the format, whatever stands behind the last dot", () => {
  assertEquals(path("abc"), "/base/abc.h5");
  assertEquals(path("abc.tif"), "/base/abc.h5");
  assertEquals(path("a.b.c"), "/base/a.b.h5");
  assertEquals(path(".hid", { extension: "png" }), "/base/.hid.png");
  assertEquals(path("a.tiff", { extension: "png" }), "/base/a.png");
  const dotted = { ...CONTEXT, nickname: "image.ome" };
  assertEquals(path("{dataset_dir}/{nickname}_{result_type}", {}, dotted), "/data/in/image.h5");
  assertEquals(path("x.n5dir/out.v2/r"), "/base/x.n5dir/out.v2/r.h5");
});

Deno.test("a name that is cut is shown, a known extension of another format names the option", () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  path("x.npy", { warn });
  path("{nickname}", { warn }, { ...CONTEXT, nickname: "image.ome" });
  path("x.h5", { warn });
  assertEquals(warnings, [
    "x.npy is written as x.h5 in the format compressed hdf5; add --output_format=numpy to get numpy",
    "image.ome is written as image.h5: what stands behind the last dot counts as the extension; " +
    "end the name in .h5 to keep it",
  ]);
});

Deno.test("names are relative to the base folder, and ~ is the home folder", () => {
  assertEquals(path("rel/r"), "/base/rel/r.h5");
  assertEquals(path("../r"), "/r.h5");
  assertEquals(path("~/r"), "/home/me/r.h5");
  assertEquals(path("~x/r"), "/base/~x/r.h5");
  assertEquals(path("{dataset_dir}/../out/r"), "/data/out/r.h5");
});

Deno.test("unknown placeholders are an error that lists the known ones, and stay in compatibility mode", () => {
  const error = assertThrows(() => path("{nick}"), UserError, "unknown placeholder {nick}");
  assertEquals(error.kind, "usage");
  assertEquals(error.hint?.includes("{nickname} {result_type} {roi} {t_start}"), true);
  assertThrows(() => path("{}"), UserError);
  assertEquals(path("{foo}{result_types}", { compat: true }), "/base/{foo}{result_types}.h5");
  assertEquals(path("a{}b", { compat: true }), "/base/ab.h5");
});

Deno.test("braces without a partner are an error with their position", () => {
  assertThrows(() => path("ab{nickname"), UserError, "position 3");
  assertThrows(() => path("ab}"), UserError, "position 3");
  assertThrows(() => path("{x_start:zz}"), UserError, "{x_start:zz}");
});

Deno.test("{slice_index} is for sequences only", () => {
  assertThrows(() => path("{slice_index}"), UserError, "sequence");
  assertEquals(path("{slice_index}", { compat: true }), "/base/{slice_index}.h5");
});

Deno.test("a name must name a file", () => {
  assertThrows(() => path("folder/"), UserError, "names a folder");
  assertThrows(() => path(""), UserError);
  assertThrows(() => path("https://host/x"), UserError, "address");
});

Deno.test("names that are too long for file systems are refused", () => {
  const error = assertThrows(() => path("é".repeat(130)), UserError, "263 bytes");
  assertEquals(error.kind, "output");
});

Deno.test("slices are numbered from the region's start with equal digits", () => {
  const numbers = (count: number, first: number, pattern = "r_{slice_index}") =>
    sequenceNames(pattern, { count, first }, CONTEXT, options({ extension: "png", format: "png sequence" }));
  assertEquals(numbers(7, 0).slicePaths.at(0), "/base/r_0.png");
  assertEquals(numbers(10, 0).slicePaths.at(0), "/base/r_00.png");
  assertEquals(numbers(4, 2).slicePaths, ["/base/r_2.png", "/base/r_3.png", "/base/r_4.png", "/base/r_5.png"]);
  assertEquals(numbers(24, 0).slicePaths.at(-1), "/base/r_23.png");
  assertEquals(numbers(2, 0, "r_{slice_index:05d}.tif").slicePaths, ["/base/r_00000.png", "/base/r_00001.png"]);
  assertEquals(numbers(7, 0).path, "/base/r_{slice_index}.png");
});

Deno.test("a sequence without {slice_index} is an error that shows the corrected pattern", () => {
  const error = assertThrows(
    () => sequenceNames("out/r.png", { count: 2, first: 0 }, CONTEXT, options()),
    UserError,
    "{slice_index}",
  );
  assertEquals(error.hint, "for example `--output_filename_format=out/r_{slice_index}.png`");
});

Deno.test("inner paths take placeholders and lose outer slashes", () => {
  assertEquals(innerName("/volume/deep/p", CONTEXT, false), "volume/deep/p");
  assertEquals(innerName("{nickname}_{x_start}-{x_stop}", CONTEXT, false), "g2d_3-20");
  assertThrows(() => innerName("/", CONTEXT, false), UserError);
  assertThrows(() => innerName("{foo}", CONTEXT, false), UserError);
  assertEquals(innerName("{foo}", CONTEXT, true), "{foo}");
});

Deno.test("two inputs that write one file are refused, one file with several datasets is fine", async () => {
  const claims = [{ input: "a.png", paths: ["/nowhere/r.h5"] }, {
    input: "b.png",
    paths: ["/nowhere/../nowhere/r.h5"],
  }];
  const error = await assertRejects(() => checkCollisions(claims, [], false), UserError, "a.png and b.png");
  assertEquals(error.kind, "usage");
  await checkCollisions(claims, [], true);
  await checkCollisions(claims.map((claim, i) => ({ ...claim, innerPath: `d${i}` })), [], false);
});

Deno.test("an output that is an input is refused, also through a link", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const input = join(folder, "in.h5");
    await Deno.writeTextFile(input, "");
    await Deno.symlink(folder, join(folder, "link"));
    for (const compat of [false, true]) {
      await assertRejects(
        () => checkCollisions([{ input: "in.h5", paths: [join(folder, "link", "in.h5")] }], [input], compat),
        UserError,
        "is one of the files that are read",
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/**
 * How much memory an input keeps while it is open.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { dtypeInfo } from "../../lib/array/mod.ts";
import { FIXTURES, withInput } from "./fixtures.ts";

/** Files of formats that are decoded as a whole. */
const WHOLE = [...Deno.readDirSync(FIXTURES)].map(({ name }) => name)
  .filter((name) => /\.(png|jpg|bmp|gif|p[bgpn]m|ras|hdr|xv)$/.test(name)).sort();

Deno.test("an image that is decoded as a whole keeps all of its elements", async () => {
  assertEquals(WHOLE.length > 20, true);
  for (const name of WHOLE) {
    await withInput(FIXTURES + name, ({ shape, dtype, keptBytes }) => {
      assertEquals(keptBytes, shape.reduce((product, n) => product * n, dtypeInfo(dtype).bytes), name);
      return Promise.resolve();
    });
  }
});

Deno.test("stacks of such images keep two of them in any case, files that are read in parts nothing", async () => {
  await withInput(`${FIXTURES}png_8_3.png:${FIXTURES}png_8_3_interlaced.png:${FIXTURES}png_8_3.png`, (array) => {
    assertEquals(array.keptBytes, 2 * 9 * 11 * 3);
    return Promise.resolve();
  });
  for (const name of ["c.npy", "tiff_zlib.tif", "single.h5", "codec3_zstd.zarr"]) {
    await withInput(FIXTURES + name, (array) => {
      assertEquals(array.keptBytes, undefined, name);
      return Promise.resolve();
    });
  }
});

import { assertEquals } from "@std/assert";
import { openBytes } from "../../lib/inputs/bytes.ts";
import { readLayout } from "../../lib/inputs/strided_file.ts";
import { positions } from "./fixtures.ts";

/** 9.6 MB: spans of boxes are too large to be read at once. */
const SHAPE = [40, 300, 400] as const;
const OFFSET = 6;

Deno.test("readLayout() reads boxes of large files, whatever the order of the axes and bytes", async (t) => {
  const path = await Deno.makeTempFile();
  try {
    // Element number n of the file is n mod 65521, as big-endian number.
    const view = new DataView(new ArrayBuffer(OFFSET + 2 * SHAPE[0] * SHAPE[1] * SHAPE[2]));
    for (let n = 0; n < (view.byteLength - OFFSET) / 2; n++) view.setUint16(OFFSET + 2 * n, n % 65521);
    await Deno.writeFile(path, new Uint8Array(view.buffer));
    const layouts: Readonly<Record<string, number[]>> = {
      "C order": [300 * 400, 400, 1],
      "Fortran order": [1, 40, 40 * 300],
      "another order": [400, 400 * 40, 1],
    };
    const boxes: readonly (readonly [number[], number[]])[] = [
      [[3, 10, 20], [9, 250, 25]],
      [[0, 0, 0], [40, 2, 400]],
      [[39, 299, 399], [40, 300, 400]],
      [[5, 0, 0], [6, 300, 400]],
      [[0, 7, 3], [40, 9, 4]],
      [[2, 4, 0], [20, 200, 3]],
    ];
    for (const [order, strides] of Object.entries(layouts)) {
      await t.step(order, async () => {
        const file = await openBytes(path);
        try {
          for (const [start, stop] of boxes) {
            const { data, offset, strides: own } = await readLayout(
              file,
              { dtype: "uint16", littleEndian: false, offset: OFFSET, strides },
              start,
              stop,
            );
            const at = (index: readonly number[], steps: readonly number[]) =>
              index.reduce((sum, k, i) => sum + k * (steps[i] as number), 0);
            const all = positions(start, stop);
            const got = all.map((index) => data[offset + at(index.map((k, i) => k - (start[i] as number)), own)]);
            assertEquals(got, all.map((index) => at(index, strides) % 65521), `${start} to ${stop}`);
          }
        } finally {
          await file.close();
        }
      });
    }
  } finally {
    await Deno.remove(path);
  }
});

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { parseAxes } from "../../lib/array/mod.ts";
import { planExport } from "../../lib/outputs/mod.ts";
import { npyHeader, numpyType } from "../../lib/outputs/numpy.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

const axes = (letters: string) => parseAxes(letters) ?? [];

Deno.test("the header is the one that NumPy writes", () => {
  // numpy.save of a 2 x 3 array of uint16, its first 128 bytes.
  const expected = "\x93NUMPY\x01\x00v\x00{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }".padEnd(127) +
    "\n";
  assertEquals(String.fromCharCode(...npyHeader("uint16", [2, 3])), expected);
  assertEquals(npyHeader("uint8", [12345678901, 1, 1, 1, 1]).length % 64, 0);
});

Deno.test("element types have NumPy's names", () => {
  assertEquals((["bool", "uint8", "int64", "float16", "float32"] as const).map(numpyType), [
    "|b1",
    "|u1",
    "<i8",
    "<f2",
    "<f4",
  ]);
});

for (const order of ["tzyxc", "cxyzt", "xyztc"]) {
  Deno.test(`blocks in any order make a ${order} array`, { sanitizeResources: false }, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const shape = [2, 3, 9, 8, 2] as const;
      const source = memorySource(filled("uint16", shape, (i) => i), axes("tzyxc"));
      const result = { name: "R", source, outputAxes: axes(order), continuous: false };
      const settings = settingsFor(folder, { formatName: "npy", fileNamePattern: "{nickname}" });
      const planned = planExport(result, { text: "a", nickname: "a", datasetDir: "/" }, settings);
      assertEquals(await writeAll(planned, [1, 2, 4, 3, 2]), [join(folder, "a.npy")]);
      const bytes = await Deno.readFile(join(folder, "a.npy"));
      const data = new Uint16Array(bytes.buffer, 128);
      assertEquals(data.length, 864);
      const sizes = [...order].map((letter) => shape["tzyxc".indexOf(letter)] as number);
      const steps = [...order].map((letter) => [432, 144, 16, 2, 1]["tzyxc".indexOf(letter)] as number);
      for (const [flat, value] of data.entries()) {
        let rest = flat;
        let expected = 0;
        for (let i = 4; i >= 0; i--) {
          expected += rest % (sizes[i] as number) * (steps[i] as number);
          rest = Math.floor(rest / (sizes[i] as number));
        }
        assertEquals(value, expected);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

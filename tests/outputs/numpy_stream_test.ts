import { assertEquals, assertRejects } from "@std/assert";
import { type Five, parseAxes, UserError } from "../../lib/array/mod.ts";
import { planExport } from "../../lib/outputs/mod.ts";
import { type ByteTarget, inOrderMultiple, numpyStream, ReaderGone } from "../../lib/outputs/numpy_stream.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

const axesOf = (letters: string) => parseAxes(letters) ?? [];

/** Collects what is written, at most `step` bytes at a time. */
class Collector implements ByteTarget {
  readonly bytes: number[] = [];
  readonly #step: number;

  constructor(step = Infinity) {
    this.#step = step;
  }

  write(bytes: Uint8Array): Promise<number> {
    const part = bytes.subarray(0, this.#step);
    this.bytes.push(...part);
    return Promise.resolve(part.length);
  }
}

function planned(shape: Five, order: string, target: ByteTarget, signal = new AbortController().signal) {
  const source = memorySource(filled("uint16", shape, (i) => i), axesOf("tzyxc"));
  const result = { name: "R", source, outputAxes: axesOf(order), continuous: false };
  const settings = settingsFor("/", { format: numpyStream(target, signal), fileNamePattern: "stdout" });
  return planExport(result, { text: "a", nickname: "a", datasetDir: "/" }, settings);
}

Deno.test("images and movies of images in canonical axes go in order, whole but along the slowest axis", () => {
  const cases: [string, Five, Five | undefined][] = [
    ["yxc", [1, 1, 50, 60, 3], [1, 1, 1, 60, 3]],
    ["yx", [1, 1, 50, 60, 1], [1, 1, 1, 60, 1]],
    // Axes of one element may stand anywhere.
    ["tzcyx", [1, 1, 50, 60, 1], [1, 1, 1, 60, 1]],
    ["tyxc", [7, 1, 50, 60, 3], [1, 1, 1, 60, 3]],
    ["zyx", [1, 9, 1, 60, 1], [1, 1, 1, 60, 1]],
    ["yx", [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]],
    ["t", [7, 1, 1, 1, 1], [1, 1, 1, 1, 1]],
    ["cyx", [1, 1, 50, 60, 3], undefined],
    ["ytx", [7, 1, 50, 60, 1], undefined],
    ["zyxc", [1, 9, 50, 60, 2], undefined],
    ["tzyx", [7, 9, 50, 60, 1], undefined],
  ];
  for (const [axes, shape, expected] of cases) {
    assertEquals(inOrderMultiple({ axes: axesOf(axes), shape }), expected, `${axes} ${shape}`);
  }
});

for (
  const [order, shape] of [
    ["tyxc", [2, 1, 9, 8, 2]],
    ["yxc", [1, 1, 9, 8, 2]],
    ["cyx", [1, 1, 9, 8, 2]],
    ["tzyxc", [2, 3, 9, 8, 2]],
    ["xyztc", [2, 3, 9, 8, 2]],
  ] as const
) {
  Deno.test(`a stream of ${order} is the file that numpy writes, however small the pieces are`, {
    sanitizeResources: false,
  }, async () => {
    const file = await Deno.makeTempFile({ suffix: ".npy" });
    try {
      const source = memorySource(filled("uint16", shape, (i) => i), axesOf("tzyxc"));
      const result = { name: "R", source, outputAxes: axesOf(order), continuous: false };
      const settings = settingsFor("/", { formatName: "numpy", fileNamePattern: file });
      await writeAll(planExport(result, { text: "a", nickname: "a", datasetDir: "/" }, settings), [1, 2, 4, 3, 2]);
      for (const step of [7, Infinity]) {
        const target = new Collector(step);
        assertEquals(await writeAll(planned(shape, order, target), [1, 2, 4, 3, 2]), ["stdout"]);
        assertEquals(new Uint8Array(target.bytes), await Deno.readFile(file));
      }
    } finally {
      await Deno.remove(file);
    }
  });
}

for (const order of ["yxc", "cyx"]) {
  const shape: Five = [1, 1, 9, 8, 2];
  Deno.test(`a stream of ${order} tells a reader that went away from a disk that is full`, async () => {
    const gone = planned(shape, order, { write: () => Promise.reject(new Deno.errors.BrokenPipe("broken pipe")) });
    await assertRejects(() => writeAll(gone), ReaderGone);
    const full = planned(shape, order, { write: () => Promise.reject(new Error("No space left on device")) });
    const error = await assertRejects(() => writeAll(full), UserError, "cannot write stdout: no space left");
    assertEquals(error.kind, "output");
  });

  Deno.test(`a stream of ${order} does not wait for a reader when the run is stopped`, async () => {
    const stop = new AbortController();
    const stuck = planned(
      shape,
      order,
      { write: () => new Promise(() => stop.abort(new Error("stopped"))) },
      stop.signal,
    );
    await assertRejects(() => writeAll(stuck), Error, "stopped");
  });
}

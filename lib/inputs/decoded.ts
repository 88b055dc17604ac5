/**
 * Arrays that can only be decoded as a whole: decoded at the first read, kept until closed.
 *
 * @module
 */
import { dtypeInfo, elementCount, type TypedArray, UserError } from "../array/mod.ts";
import { copyBox, rowMajorStrides } from "./box.ts";
import { guarded } from "./input_error.ts";
import type { StoredArray } from "./types.ts";

/** What the header of a file tells. */
export type ArrayHeader = Omit<StoredArray, "read" | "close">;

/**
 * A stored array over a decoder that gives all elements in C order of the file's axes.
 *
 * @param path for messages
 * @param header shape, type and axes
 * @param decode gives all elements; called once, at the first read
 */
export function decodedArray(
  path: string,
  header: ArrayHeader,
  decode: () => TypedArray | Promise<TypedArray>,
): StoredArray {
  const strides = rowMajorStrides(header.shape);
  const needed = elementCount(header.shape);
  let pixels: Promise<TypedArray> | undefined;
  return {
    ...header,
    keptBytes: needed * dtypeInfo(header.dtype).bytes,
    async read(start, stop) {
      pixels ??= guarded(path, decode);
      const data = await pixels;
      if (data.length !== needed) {
        throw new UserError("input", `cannot read \`${path}\`: ${data.length} values found, ${needed} needed`);
      }
      return copyBox(header.dtype, data, strides, start, stop);
    },
    close() {
      pixels = undefined;
      return Promise.resolve();
    },
  };
}

/** The header of a plain image: always `yxc`, whatever the number of channels (cli-and-io.md §4.5). */
export function imageHeader(
  dtype: StoredArray["dtype"],
  height: number,
  width: number,
  channels: number,
): ArrayHeader {
  const shape = [height, width, channels];
  return { shape, dtype, axes: ["y", "x", "c"], axesExplicit: true, imageFile: true, chunk: shape, meta: {} };
}

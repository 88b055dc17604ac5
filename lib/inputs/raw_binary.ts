/**
 * Raw numbers whose shape and type are in the name of the file (cli-and-io.md §4.2 and §4.7):
 * `volume-20-30-40-uint16.raw`.
 *
 * @module
 */
import { basename } from "@std/path";
import { dtypeInfo, elementCount, NUMBER_DTYPES } from "../array/mod.ts";
import { rowMajorStrides } from "./box.ts";
import { openBytes } from "./bytes.ts";
import { inputError } from "./input_error.ts";
import { layoutArray } from "./npy.ts";
import { shapeText } from "./reader.ts";
import type { StoredArray } from "./types.ts";

const FEWEST = 3;
const MOST = 5;

/**
 * Opens raw little-endian numbers; bytes behind them are ignored.
 *
 * @throws {UserError} kind `input` when the name tells no shape, or the file is too short for it
 */
export async function openRawBinary(path: string): Promise<StoredArray> {
  const name = basename(path);
  const shape = name.split(/[.-]/).filter((part) => /^\d+$/.test(part)).map(Number);
  if (shape.length < FEWEST || shape.length > MOST) {
    throw inputError(path, "the name of a raw file must tell its shape", {
      hint: "name it for example `volume-20-30-40-uint16.raw`: 3 to 5 sizes and the type",
    });
  }
  const dtype = NUMBER_DTYPES.find((candidate) => name.includes(candidate)) ?? "uint8";
  const file = await openBytes(path);
  try {
    const needed = elementCount(shape) * dtypeInfo(dtype).bytes;
    if (file.size < needed) {
      throw inputError(path, `${shapeText(shape)} ${dtype} need ${needed} bytes, the file has ${file.size}`);
    }
    return layoutArray(file, shape, { dtype, littleEndian: true, offset: 0, strides: rowMajorStrides(shape) });
  } catch (error) {
    await file.close();
    throw error;
  }
}

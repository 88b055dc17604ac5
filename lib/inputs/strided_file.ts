/**
 * Uncompressed arrays that lie in a file with constant strides, read by region.
 *
 * @module
 */
import { type Dtype, dtypeInfo } from "../array/mod.ts";
import { boxShape, copyBlock, createBlock, elementCount, elementOffset } from "./box.ts";
import { type ByteFile, elementsFromBytes } from "./bytes.ts";
import type { StoredBlock } from "./types.ts";

/** Where the elements of an array lie in a file. */
export interface FileLayout {
  readonly dtype: Dtype;
  readonly littleEndian: boolean;
  /** Byte position of the first element. */
  readonly offset: number;
  /** Strides in elements, positive, one per axis. */
  readonly strides: readonly number[];
}

/** Spans up to this size are read at once, whatever part of them is wanted. */
const SMALL_SPAN = 1 << 20;
/** Larger spans are read at once only when at least one in this many bytes is wanted. */
const WORTHWHILE = 2;

/**
 * Reads a box with few file reads and few wasted bytes.
 *
 * @throws {UserError} kind `input` when the file is too short
 */
export async function readLayout(
  file: ByteFile,
  layout: FileLayout,
  start: readonly number[],
  stop: readonly number[],
  signal?: AbortSignal,
): Promise<StoredBlock> {
  const shape = boxShape(start, stop);
  const slowestFirst = layout.strides.map((_, i) => i).sort((a, b) =>
    (layout.strides[b] as number) - (layout.strides[a] as number)
  );
  const dense = createBlock(layout.dtype, slowestFirst.map((i) => shape[i] as number));
  const strides = shape.map((_, i) => dense.strides[slowestFirst.indexOf(i)] as number);
  const target: StoredBlock = { data: dense.data, offset: 0, strides };
  if (elementCount(shape) === 0) return target;
  const size = dtypeInfo(layout.dtype).bytes;

  const visit = async (depth: number, box: readonly number[], from: number, to: number): Promise<void> => {
    signal?.throwIfAborted();
    const span = elementOffset(1, layout.strides, box.map((n) => n - 1));
    const worthwhile = span * size <= SMALL_SPAN || span <= WORTHWHILE * elementCount(box);
    if (worthwhile || depth === slowestFirst.length) {
      const bytes = await file.read(layout.offset + from * size, span * size);
      const data = elementsFromBytes(layout.dtype, bytes, layout.littleEndian);
      copyBlock(layout.dtype, box, { data, offset: 0, strides: layout.strides }, { ...target, offset: to });
      return;
    }
    const axis = slowestFirst[depth] as number;
    const inner = box.map((n, i) => i === axis ? 1 : n);
    for (let k = 0; k < (box[axis] as number); k++) {
      await visit(depth + 1, inner, from + k * (layout.strides[axis] as number), to + k * (strides[axis] as number));
    }
  };
  await visit(0, shape, elementOffset(0, layout.strides, start), 0);
  return target;
}

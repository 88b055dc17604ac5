/**
 * Uncompressed arrays that lie in a file with constant strides, read by region.
 *
 * @module
 */
import { type Dtype, dtypeInfo, elementCount, type TypedArray } from "../array/mod.ts";
import { boxShape, copyBlock, createBlock, elementOffset } from "./box.ts";
import { type ByteFile, elementsFromBytes } from "./bytes.ts";
import type { StoredBlock } from "./types.ts";

/** Where the elements of an array lie in a file. */
export interface FileLayout {
  /** Element type. */
  readonly dtype: Dtype;
  /** Byte order of the elements. */
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
/** Runs up to this size are read many at a time. */
const SHORT_RUN = 1 << 16;

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
  const first = elementOffset(0, layout.strides, start);
  if (elementCount(shape) === 0) return createBlock(layout.dtype, shape);
  if (isWorthwhile(layout, shape)) {
    return { data: await readSpan(file, layout, shape, first), offset: 0, strides: layout.strides };
  }
  const slowestFirst = layout.strides.map((_, i) => i).sort((a, b) =>
    (layout.strides[b] as number) - (layout.strides[a] as number)
  );
  const dense = createBlock(layout.dtype, slowestFirst.map((i) => shape[i] as number));
  const strides = shape.map((_, i) => dense.strides[slowestFirst.indexOf(i)] as number);

  const size = dtypeInfo(layout.dtype).bytes;
  const visit = async (depth: number, box: readonly number[], from: number, to: number): Promise<void> => {
    signal?.throwIfAborted();
    if (depth === slowestFirst.length || isWorthwhile(layout, box)) {
      const data = await readSpan(file, layout, box, from);
      copyBlock(layout.dtype, box, { data, offset: 0, strides: layout.strides }, {
        data: dense.data,
        offset: to,
        strides,
      });
      return;
    }
    const axis = slowestFirst[depth] as number;
    const inner = box.map((n, i) => i === axis ? 1 : n);
    const run = spanOf(layout, inner);
    if (run * size <= SHORT_RUN) {
      const step = (layout.strides[axis] as number) * size;
      const bytes = await file.readRuns(layout.offset + from * size, run * size, step, box[axis] as number);
      const data = elementsFromBytes(layout.dtype, bytes, layout.littleEndian);
      const packed = { data, offset: 0, strides: layout.strides.with(axis, run) };
      copyBlock(layout.dtype, box, packed, { data: dense.data, offset: to, strides });
      return;
    }
    for (let k = 0; k < (box[axis] as number); k++) {
      await visit(depth + 1, inner, from + k * (layout.strides[axis] as number), to + k * (strides[axis] as number));
    }
  };
  await visit(0, shape, first, 0);
  return { data: dense.data, offset: 0, strides };
}

/** Elements from the first to the last one of a box. */
function spanOf(layout: FileLayout, box: readonly number[]): number {
  return elementOffset(1, layout.strides, box.map((n) => n - 1));
}

/** Whether a box is read as one span, with what lies between its elements. */
function isWorthwhile(layout: FileLayout, box: readonly number[]): boolean {
  const span = spanOf(layout, box);
  return span * dtypeInfo(layout.dtype).bytes <= SMALL_SPAN || span <= WORTHWHILE * elementCount(box);
}

async function readSpan(file: ByteFile, layout: FileLayout, box: readonly number[], from: number): Promise<TypedArray> {
  const size = dtypeInfo(layout.dtype).bytes;
  const bytes = await file.read(layout.offset + from * size, spanOf(layout, box) * size);
  return elementsFromBytes(layout.dtype, bytes, layout.littleEndian);
}

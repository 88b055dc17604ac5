/**
 * Several arrays as one, lazily (cli-and-io.md §2.5).
 *
 * @module
 */
import {
  allocate,
  type Axes,
  type AxisKey,
  type Dtype,
  dtypeInfo,
  elementCount,
  isAxisKey,
  isIntegerDtype,
  type TypedArray,
  UserError,
} from "../array/mod.ts";
import { boxShape, copyBlock, createBlock } from "./box.ts";
import type { ArrayHeader } from "./decoded.ts";
import { KeptOpen } from "./kept_open.ts";
import { isInputShape, shapeText } from "./reader.ts";
import type { StoredArray, StoredBlock } from "./types.ts";

/** One array of a stack, opened when it is needed. */
export interface StackPart {
  /** For messages. */
  readonly name: string;
  /** Opens it. */
  readonly open: () => Promise<StoredArray>;
}

/** How parts become one array. */
interface StackPlan {
  readonly axes: Axes;
  /** Position of the stack axis in `axes`. */
  readonly along: number;
  /** Position in a part of each axis of the stack; -1 for a new axis. */
  readonly from: readonly number[];
}

/**
 * Stacks arrays of one shape. All headers are read now; parts are reopened for reading, a few at a time.
 *
 * @param parts at least one, in order
 * @param stackAlong letter of the axis
 * @param compat take the first part's element type, wrapping, as the original
 * @throws {UserError} kind `input` when the parts do not fit together, `usage` for an axis that is not possible
 */
export async function stackArrays(
  parts: readonly StackPart[],
  stackAlong: string,
  compat: boolean,
  warn: (message: string) => void,
): Promise<StoredArray> {
  const headers = await readHeaders(parts);
  const [first] = headers;
  if (first === undefined) throw new RangeError("a stack of nothing");
  checkAlone(parts, headers);
  checkEqual(parts, headers, first);
  const plan = planStack(first, stackAlong);
  const dtype = compat ? first.dtype : commonDtype(headers.map((header) => header.dtype));
  const mixed = headers.findIndex((header) => header.dtype !== first.dtype);
  if (mixed > 0) {
    warn(
      `\`${parts[0]?.name}\` holds ${first.dtype} and \`${parts[mixed]?.name}\` ${headers[mixed]?.dtype}: ` +
        `the stack is read as ${dtype}`,
    );
  }
  const step = plan.from[plan.along] === -1 ? 1 : first.shape[plan.from[plan.along] as number] as number;
  const shape = plan.from.map((from, i) => i === plan.along ? step * parts.length : first.shape[from] as number);
  if (!isInputShape(shape)) {
    throw new UserError(
      "input",
      `the stack would have ${shape.length} dimensions (${shapeText(shape)}), 5 are possible`,
    );
  }
  const bytesEach = elementCount(first.shape) * dtypeInfo(first.dtype).bytes;
  const open = new KeptOpen((index) => (parts[index] as StackPart).open(), keptParts(bytesEach));
  return {
    shape,
    dtype,
    axes: plan.axes,
    axesExplicit: first.axesExplicit,
    imageFile: first.imageFile,
    chunk: plan.from.map((from) => first.chunk[from] ?? 1),
    meta: first.meta,
    ...(first.keptBytes === undefined ? {} : { keptBytes: LEAST_KEPT * first.keptBytes }),
    async read(start, stop, signal) {
      const block = createBlock(dtype, boxShape(start, stop));
      const [low, high] = [start[plan.along] as number, stop[plan.along] as number];
      for (let index = Math.floor(low / step); index * step < high; index++) {
        const from = Math.max(low, index * step);
        const to = Math.min(high, (index + 1) * step);
        const stackStart = start.with(plan.along, from - index * step);
        const stackStop = stop.with(plan.along, to - index * step);
        const part = await open.use(
          index,
          (array) => array.read(toPart(stackStart, plan), toPart(stackStop, plan), signal),
        );
        const partDtype = (headers[index] as ArrayHeader).dtype;
        copyBlock(
          dtype,
          boxShape(stackStart, stackStop),
          toStack(converted(part, partDtype, dtype), plan),
          { ...block, offset: (from - low) * (block.strides[plan.along] as number) },
        );
      }
      return block;
    },
    close: () => open.close(),
  };
}

/** Headers are read this many at a time. */
const AT_ONCE = 8;

async function readHeaders(parts: readonly StackPart[]): Promise<ArrayHeader[]> {
  const headers: ArrayHeader[] = [];
  for (let i = 0; i < parts.length; i += AT_ONCE) {
    headers.push(
      ...await Promise.all(
        parts.slice(i, i + AT_ONCE).map(async (part) => {
          const { read: _read, close: _close, ...header } = await closeAfter(await part.open());
          return header;
        }),
      ),
    );
  }
  return headers;
}

async function closeAfter(array: StoredArray): Promise<StoredArray> {
  await array.close();
  return array;
}

/** Parts that are kept open in any case. */
const LEAST_KEPT = 2;

/** Decoded parts of about 256 MiB are kept, at least two, at most 32. */
function keptParts(bytesEach: number): number {
  return Math.min(32, Math.max(LEAST_KEPT, Math.floor((256 << 20) / Math.max(1, bytesEach))));
}

/** A file that stands for several of them would give each plane several times. */
function checkAlone(parts: readonly StackPart[], headers: readonly ArrayHeader[]): void {
  const odd = headers.findIndex(({ otherFiles }) => otherFiles !== undefined);
  if (odd < 0) return;
  const files = (headers[odd]?.otherFiles?.length ?? 0) + 1;
  throw new UserError("input", `\`${parts[odd]?.name}\` is one of ${files} files of one image and cannot be stacked`, {
    hint: "give that one file: the others are found by themselves",
  });
}

function checkEqual(parts: readonly StackPart[], headers: readonly ArrayHeader[], first: ArrayHeader): void {
  const describe = ({ shape, axes }: ArrayHeader) => `${shapeText(shape)} (${axes.join("")})`;
  const odd = headers.findIndex((header) => describe(header) !== describe(first));
  if (odd < 0) return;
  throw new UserError(
    "input",
    `\`${parts[odd]?.name}\` does not fit into the stack: it is ${describe(headers[odd] as ArrayHeader)}, ` +
      `\`${parts[0]?.name}\` is ${describe(first)}`,
  );
}

function planStack(first: ArrayHeader, letter: string): StackPlan {
  if (!isAxisKey(letter)) {
    throw new UserError("usage", `\`--stack_along=${letter}\` is no axis`, { hint: "use one of t, z, y, x, c" });
  }
  return first.imageFile ? planImages(first.axes, letter) : planVolumes(first.axes, letter);
}

/** Images of the image formats: a new axis in front, or channels behind, in the original's transposed order. */
function planImages(axes: Axes, letter: AxisKey): StackPlan {
  if (letter === "c") return { axes: ["x", "y", "c"], along: 2, from: [1, 0, 2] };
  if (letter === "z" || letter === "t") return { axes: [letter, ...axes], along: 0, from: [-1, 0, 1, 2] };
  throw new UserError("usage", `\`--stack_along=${letter}\` is not possible for images`, { hint: "use t, z or c" });
}

function planVolumes(axes: Axes, letter: AxisKey): StackPlan {
  const along = axes.indexOf(letter);
  const positions = axes.map((_, i) => i);
  return along >= 0
    ? { axes, along, from: positions }
    : { axes: [letter, ...axes], along: 0, from: [-1, ...positions] };
}

/** Positions in the order of a part. */
function toPart(values: readonly number[], { from }: StackPlan): number[] {
  const own = values.flatMap((value, i) => (from[i] as number) < 0 ? [] : [[from[i] as number, value] as const]);
  return own.sort(([a], [b]) => a - b).map(([, value]) => value);
}

/** A block of a part in the order of the stack. */
function toStack(block: StoredBlock, { from }: StackPlan): StoredBlock {
  return { ...block, strides: from.map((position) => block.strides[position] ?? 0) };
}

function converted(block: StoredBlock, from: Dtype, to: Dtype): StoredBlock {
  if (from === to) return block;
  const target = allocate(to, block.data.length);
  const big = target instanceof BigInt64Array || target instanceof BigUint64Array;
  for (let i = 0; i < target.length; i++) {
    const value = block.data[i] as number | bigint;
    target[i] = big ? BigInt(value) : Number(value);
  }
  return { ...block, data: target as TypedArray };
}

/** The element type that holds all: the widest of one sign, else `float32`, `float64` when there is one. */
function commonDtype(dtypes: readonly Dtype[]): Dtype {
  const kinds = new Set(dtypes.map((dtype) => isIntegerDtype(dtype) ? dtypeInfo(dtype).kind.replace("b", "u") : "f"));
  const widest = dtypes.reduce((a, b) => dtypeInfo(b).bytes > dtypeInfo(a).bytes ? b : a);
  if (kinds.size === 1) return widest === "bool" ? dtypes.find((dtype) => dtype !== "bool") ?? "bool" : widest;
  return dtypes.includes("float64") ? "float64" : "float32";
}

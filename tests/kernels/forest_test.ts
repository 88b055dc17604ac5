/**
 * Forest kernels against the definition (pixel-classification.md §3.1, §3.2), written here once more in TypeScript.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { alignedBytes, KernelError, kernels } from "../../ffi/kernels.ts";
import { openLibrary } from "../../ffi/library.ts";
import { type CompiledForest, compileForest, type ForestTrees } from "../../lib/kernels/forest.ts";

kernels(); // opened once, not inside a test
const library = openLibrary("ilh_kernels", {
  ilh_cpu_has: { parameters: ["i32"], result: "i32" },
  ilh_forest_scratch: { parameters: ["buffer"], result: "u64" },
  ilh_forest_predict: {
    parameters: ["buffer", "i32", "buffer", "i64", "buffer", "i64", "buffer", "i64", "buffer", "u64"],
    result: "i32",
  },
  ilh_forest_argmax: {
    parameters: ["buffer", "i32", "buffer", "i64", "buffer", "i64", "buffer", "buffer", "u64"],
    result: "i32",
  },
});
const LEVELS = [0, 1, 2, 3, 4].filter((level) => library.symbols.ilh_cpu_has(level) === 1);
const LEAF = 0x40000000;
const NO_CLASS = 255;

/** Numbers from 0 to 1, always the same for a seed (a linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Shape {
  readonly columns: number;
  readonly classes: number;
  readonly inner: number;
  readonly pure: boolean;
}

/** A value that many rows and thresholds share, so that ties are common. */
function value(random: () => number): number {
  const corners = [0, -0, 1e-45, -1e-45, Infinity, -Infinity, 3.4e38];
  if (random() < 0.1) return corners[Math.floor(random() * corners.length)] as number;
  return Math.floor(random() * 40 - 20) / 8;
}

/** A random tree as vigra stores it, depth first. */
function randomTree({ columns, classes, inner, pure }: Shape, random: () => number): ForestTrees["trees"][number] {
  const topology = [columns, classes];
  const parameters: number[] = [];
  const grow = (nodes: number): number => {
    const at = topology.length;
    if (nodes === 0) {
      topology.push(LEAF, parameters.length);
      const counts = Array.from({ length: classes }, () => pure ? 0 : Math.floor(random() * 4));
      counts[Math.floor(random() * classes)] = 5;
      const total = counts.reduce((a, b) => a + b, 0);
      parameters.push(total, ...counts.map((count) => count / total));
      return at;
    }
    // A threshold is a double: sometimes just beside a binary32 value.
    const threshold = value(random) * (random() < 0.3 ? 1 + 2 ** -40 : 1);
    topology.push(0, parameters.length, 0, 0, Math.floor(random() * columns));
    parameters.push(1, threshold);
    const left = Math.floor(random() * nodes);
    topology[at + 2] = grow(left);
    topology[at + 3] = grow(nodes - 1 - left);
    return at;
  };
  grow(inner);
  return { topology: Int32Array.from(topology), parameters: Float64Array.from(parameters) };
}

/** Probabilities of one row, §3.1 and §3.2 word by word. */
function definition(forests: readonly ForestTrees[], classes: number, row: readonly number[]): number[] {
  const f32 = Math.fround;
  if (row.some(Number.isNaN)) return new Array<number>(classes).fill(0);
  const sum = new Array<number>(classes).fill(0);
  let total = 0;
  for (const { weighted, trees } of forests) {
    const p = new Array<number>(classes).fill(0);
    let weight = 0;
    for (const { topology, parameters } of trees) {
      let at = 2;
      while (topology[at] !== LEAF) {
        const threshold = parameters[(topology[at + 1] as number) + 1] as number;
        const column = topology[at + 4] as number;
        at = topology[(row[column] as number) < threshold ? at + 2 : at + 3] as number;
      }
      const leaf = topology[at + 1] as number;
      for (let l = 0; l < classes; l++) {
        const w = (parameters[leaf + 1 + l] as number) * (weighted ? parameters[leaf] as number : 1);
        p[l] = f32((p[l] as number) + f32(w));
        weight += w;
      }
    }
    const count = f32(trees.length);
    for (let l = 0; l < classes; l++) {
      sum[l] = f32((sum[l] as number) + f32(f32((p[l] as number) / f32(weight)) * count));
    }
    total += trees.length;
  }
  return sum.map((s) => f32(s / f32(total)));
}

/** Probabilities by the kernel: one plane per class. */
function predict(forest: CompiledForest, level: number, planes: Float32Array<ArrayBuffer>, n: number): Float32Array {
  const scratch = alignedBytes(Number(library.symbols.ilh_forest_scratch(forest.memory)));
  const out = new Float32Array(forest.classes * n);
  const code = library.symbols.ilh_forest_predict(
    forest.memory,
    level,
    planes,
    BigInt(n),
    null,
    BigInt(n),
    out,
    BigInt(n),
    scratch,
    BigInt(scratch.length),
  );
  assertEquals(code, 0);
  return out;
}

function argmax(forest: CompiledForest, level: number, planes: Float32Array<ArrayBuffer>, n: number): Uint8Array {
  const scratch = alignedBytes(Number(library.symbols.ilh_forest_scratch(forest.memory)));
  const out = new Uint8Array(n);
  const bytes = BigInt(scratch.length);
  assertEquals(
    library.symbols.ilh_forest_argmax(forest.memory, level, planes, BigInt(n), null, BigInt(n), out, scratch, bytes),
    0,
  );
  return out;
}

/** Bits, so that -0 and 0 differ. */
function bits(values: readonly number[] | Float32Array): number[] {
  return [...new Uint32Array(Float32Array.from(values).buffer)];
}

for (
  const [name, shape, trees, weighted] of [
    ["stumps with pure leaves", { columns: 6, classes: 2, inner: 1, pure: true }, [13, 12], false],
    ["small trees with pure leaves", { columns: 9, classes: 3, inner: 20, pure: true }, [13, 13, 12], false],
    ["trees of 200 nodes with pure leaves", { columns: 12, classes: 4, inner: 200, pure: true }, [7, 6], false],
    ["trees with mixed leaves", { columns: 5, classes: 3, inner: 30, pure: false }, [5, 4], false],
    ["weighted trees with mixed leaves", { columns: 4, classes: 5, inner: 15, pure: false }, [3, 6], true],
    ["single leaves", { columns: 2, classes: 2, inner: 0, pure: true }, [3], false],
    ["one class", { columns: 3, classes: 1, inner: 6, pure: true }, [4], false],
  ] as const
) {
  Deno.test(`${name}: every instruction set gives the bits of the definition, for any number of pixels`, () => {
    for (let seed = 1; seed <= 4; seed++) {
      const random = generator(seed * 7919);
      const forests = trees.map((count) => ({
        weighted,
        trees: Array.from({ length: count }, () => randomTree(shape, random)),
      }));
      const compiled = compileForest(forests, shape.columns, shape.classes);
      for (const n of [1, 63, 64, 65, 130, 517]) {
        const rows = Array.from(
          { length: n },
          () => Array.from({ length: shape.columns }, () => random() < 0.01 ? NaN : Math.fround(value(random))),
        );
        const used = compiled.usedColumns;
        const planes = new Float32Array(Math.max(1, used.length) * n);
        used.forEach((column, j) => rows.forEach((row, i) => planes[j * n + i] = row[column] as number));
        // The kernel sees the used columns only: a NaN elsewhere is told to it apart.
        const seen = rows.map((row) => row.map((v, column) => used.includes(column) ? v : 0));
        const expected = seen.map((row) => definition(forests, shape.classes, row));
        for (const level of LEVELS) {
          const got = predict(compiled, level, planes, n);
          const byClass = Array.from({ length: shape.classes }, (_, l) => expected.map((p) => p[l] as number)).flat();
          assertEquals(bits(got), bits(byClass), `level ${level}, ${n} pixels, seed ${seed}`);
          const best = expected.map((p, i) => seen[i]?.some(Number.isNaN) ? NO_CLASS : p.indexOf(Math.max(...p)));
          assertEquals(
            [...argmax(compiled, level, planes, n)],
            best,
            `argmax, level ${level}, ${n} pixels, seed ${seed}`,
          );
        }
      }
    }
  });
}

Deno.test("a damaged tree is refused with its place, and never read beyond its end", () => {
  const shape = { columns: 3, classes: 2, inner: 8, pure: true };
  let refused = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const random = generator(seed);
    const tree = randomTree(shape, random);
    const word = Math.floor(random() * tree.topology.length);
    tree.topology[word] = Math.floor((random() - 0.5) * 2 ** (1 + Math.floor(random() * 31)));
    try {
      compileForest([{ weighted: false, trees: [tree] }], shape.columns, shape.classes);
    } catch (error) {
      assert(error instanceof KernelError, String(error));
      refused++;
    }
  }
  assert(refused > 150);
  const loop = randomTree(shape, generator(1));
  loop.topology[4] = 2; // the root is its own child
  assertThrows(() => compileForest([{ weighted: false, trees: [loop] }], 3, 2), KernelError, "tree 0");
});

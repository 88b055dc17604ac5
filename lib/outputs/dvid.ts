/**
 * Volumes of a DVID server: `dvid`. The name is the address of a data instance, `http://HOST/api/node/UUID/NAME`; it is
 * made when it is not there. A server has no temporary names: voxels are visible as soon as they are written. An instance
 * that was made for a run that fails is deleted again by servers that let it be deleted over HTTP; those of 2026 do not.
 * Interface: DVID's own help of the data type `imageblk` and of `/api/repo`.
 *
 * @module
 */
import {
  along,
  type Dtype,
  errorText,
  type Five,
  five,
  type NdArray,
  type Region,
  subArray,
  UserError,
} from "../array/mod.ts";
import { chunksOf, paddedBlock, relativeTo } from "./chunks.ts";
import { bytesOf, toFileBlock } from "./layout.ts";
import type { OutputFormat, OutputPlan, Sink } from "./types.ts";
import { findUnit } from "./units.ts";

/** `dvid`. */
export const DVID_FORMAT: OutputFormat = {
  name: "dvid",
  aliases: [],
  extension: "",
  sequence: false,
  container: false,
  check: checkPlan,
  presence: async (plan) => await findInstance(plan) === undefined ? "nothing" : "all",
  checkTarget: async (plan) => {
    await findInstance(plan);
  },
  open: (plan) => DvidSink.open(plan),
};

/** Data types of DVID by element type. */
const TYPES: Readonly<Partial<Record<Dtype, string>>> = {
  uint8: "uint8blk",
  uint16: "uint16blk",
  uint32: "uint32blk",
  uint64: "uint64blk",
  float32: "float32blk",
};

/** Edge of a block of a new instance. */
const BLOCK_EDGE = 32;
/** Blocks of a request along each axis. */
const BLOCKS_PER_REQUEST = 4;
const ADDRESS = /^(?<server>https?:\/\/[^/]+)\/api\/node\/(?<uuid>[0-9a-f]+)\/(?<name>[^/?#]+)\/?$/i;

interface Instance {
  readonly server: string;
  readonly uuid: string;
  readonly name: string;
}

function instanceOf({ path }: OutputPlan): Instance {
  const { server, uuid, name } = ADDRESS.exec(path)?.groups ?? {};
  if (server === undefined || uuid === undefined || name === undefined) {
    throw new UserError("usage", `dvid is written to a data instance, found \`${path}\``, {
      hint: "give its address: --output_filename_format=http://HOST/api/node/UUID/NAME",
    });
  }
  return { server, uuid, name };
}

function checkPlan(plan: OutputPlan): void {
  instanceOf(plan);
  if (TYPES[plan.dtype] === undefined) {
    throw new UserError("usage", `dvid cannot hold ${plan.dtype}, only ${Object.keys(TYPES).join(", ")}`, {
      hint: "choose one of them with --export_dtype",
    });
  }
  const axis = (["t", "c"] as const).find((candidate) => along(plan.shape, candidate) > 1);
  if (axis === undefined) return;
  throw new UserError(
    "usage",
    `dvid holds one volume of one channel, the result has ${axis} = ${along(plan.shape, axis)}`,
    {
      hint: `choose one with --cutout_subregion=${axis}=0:1`,
    },
  );
}

/** Sends a request; an answer other than success is an error, but 400 and 404 with `absent`. */
async function ask(plan: OutputPlan, url: string, init: RequestInit, absent = false): Promise<Response | undefined> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new UserError("output", `cannot write ${plan.path}: ${errorText(error)}`, { cause: error });
  }
  if (response.ok) return response;
  const text = (await response.text()).trim().split("\n")[0] ?? "";
  // DVID answers 400 for a name that it does not know.
  if (absent && (response.status === 404 || response.status === 400)) return undefined;
  throw new UserError("output", `cannot write ${plan.path}: the server says ${response.status} ${text}`.trimEnd());
}

/** Block edges z y x of the instance, or `undefined` when there is none yet. */
async function findInstance(plan: OutputPlan): Promise<readonly [number, number, number] | undefined> {
  const { server, uuid, name } = instanceOf(plan);
  const response = await ask(plan, `${server}/api/node/${uuid}/${name}/info`, {}, true);
  if (response === undefined) return undefined;
  const info = await response.json();
  const type: unknown = info?.Base?.TypeName;
  if (type !== TYPES[plan.dtype]) {
    throw new UserError("output", `${plan.path} is a ${type}, the result needs a ${TYPES[plan.dtype]}`, {
      hint: "choose another name, or another type with --export_dtype",
    });
  }
  const [x = BLOCK_EDGE, y = BLOCK_EDGE, z = BLOCK_EDGE]: number[] = info?.Extended?.BlockSize ?? [];
  return [z, y, x];
}

async function createInstance(plan: OutputPlan): Promise<void> {
  const { server, uuid, name } = instanceOf(plan);
  const { pixelSize, units } = plan.meta;
  const known = (["x", "y", "z"] as const).every((axis) => pixelSize?.[axis]);
  const body = {
    typename: TYPES[plan.dtype],
    dataname: name,
    BlockSize: Array(3).fill(BLOCK_EDGE).join(","),
    ...(known
      ? {
        VoxelSize: (["x", "y", "z"] as const).map((axis) => pixelSize?.[axis]).join(","),
        VoxelUnits: (["x", "y", "z"] as const).map((axis) => `${findUnit(units?.[axis] ?? "")?.name ?? "pixel"}s`).join(
          ",",
        ),
      }
      : {}),
  };
  const headers = { "content-type": "application/json" };
  await (await ask(plan, `${server}/api/repo/${uuid}/instance`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  }))
    ?.body?.cancel();
}

class DvidSink implements Sink {
  readonly ordered = false;
  readonly blockMultiple: Five;
  readonly #plan: OutputPlan;
  readonly #block: Five;
  readonly #created: boolean;

  private constructor(plan: OutputPlan, block: Five, created: boolean) {
    this.#plan = plan;
    this.#block = block;
    this.#created = created;
    this.blockMultiple = block;
  }

  static async open(plan: OutputPlan): Promise<DvidSink> {
    const found = await findInstance(plan);
    if (found === undefined) await createInstance(plan);
    const [z, y, x] = found ?? [BLOCK_EDGE, BLOCK_EDGE, BLOCK_EDGE];
    return new DvidSink(plan, [1, z, y, x, 1], found === undefined);
  }

  async write(region: Region, block: NdArray): Promise<void> {
    const request = five((axis, i) =>
      (this.#block[i] as number) * (axis === "t" || axis === "c" ? 1 : BLOCKS_PER_REQUEST)
    );
    for (const part of chunksOf(region, request)) {
      await this.#send(part, subArray(block, relativeTo(region, part)));
    }
  }

  commit(): Promise<readonly string[]> {
    return Promise.resolve([this.#plan.path]);
  }

  async abort(): Promise<void> {
    if (!this.#created) return;
    const { server, uuid, name } = instanceOf(this.#plan);
    // Clean-up after a failure: the failure itself is what the user is told, never a second one.
    await fetch(`${server}/api/repo/${uuid}/${name}?imsure=true`, { method: "DELETE" })
      .then((response) => response.body?.cancel()).catch(() => {});
  }

  /** Sends whole blocks: what lies beyond the result is zero. */
  async #send(part: Region, pixels: NdArray): Promise<void> {
    const axes = ["z", "y", "x"] as const;
    const { start, count, data } = await toFileBlock(part, pixels, axes);
    const edges = axes.map((axis) => along(this.#block, axis));
    const size = count.map((n, i) => Math.ceil(n / (edges[i] ?? 1)) * (edges[i] ?? 1));
    const body = bytesOf(paddedBlock(data, this.#plan.dtype, count, size));
    const words = (values: readonly number[]) => values.toReversed().join("_");
    const { server, uuid, name } = instanceOf(this.#plan);
    const url = `${server}/api/node/${uuid}/${name}/raw/0_1_2/${words(size)}/${words(start)}`;
    const headers = { "content-type": "application/octet-stream" };
    await (await ask(this.#plan, url, { method: "POST", headers, body }))?.body?.cancel();
  }
}

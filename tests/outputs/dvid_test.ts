import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Dtype, type Five, parseAxes, UserError } from "../../lib/array/mod.ts";
import { planExport } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

const axes = (letters: string) => parseAxes(letters) ?? [];

function planned(address: string, dtype: Dtype, shape: Five) {
  const source = memorySource(filled(dtype, shape, (i) => i % 251), axes("tzyxc"));
  const result = { name: "R", source, outputAxes: axes("zyxc"), continuous: false };
  const settings = settingsFor("/out", { formatName: "dvid", fileNamePattern: address });
  return planExport(result, { text: "a", nickname: "a", datasetDir: "/" }, settings);
}

/** A server that knows the documented calls and keeps one volume of 64³ bytes. */
async function withServer(
  known: Record<string, unknown> | undefined,
  test: (address: string, seen: { calls: string[]; volume: Uint8Array }) => Promise<void>,
): Promise<void> {
  const seen = { calls: [] as string[], volume: new Uint8Array(64 ** 3).fill(255) };
  let info = known;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    seen.calls.push(`${request.method} ${pathname}${search}`);
    if (pathname.endsWith("/info")) {
      return info === undefined ? new Response("unknown data", { status: 400 }) : Response.json(info);
    }
    if (pathname.endsWith("/instance")) {
      const { typename, dataname, BlockSize } = await request.json();
      assertEquals([dataname, BlockSize], ["seg", "32,32,32"]);
      info = { Base: { TypeName: typename }, Extended: { BlockSize: [32, 32, 32] } };
      return Response.json({ result: "ok" });
    }
    const [size, offset] = pathname.split("/").slice(-2).map((part) => part.split("_").map(Number));
    if (request.method === "DELETE" || size === undefined || offset === undefined) return new Response("");
    const body = new Uint8Array(await request.arrayBuffer());
    const [sx = 0, sy = 0, sz = 0] = size;
    const [ox = 0, oy = 0, oz = 0] = offset;
    if (body.length !== sx * sy * sz || [...size, ...offset].some((n) => n % 32 !== 0)) {
      return new Response("not block-aligned", { status: 400 });
    }
    for (let z = 0; z < sz; z++) {
      for (let y = 0; y < sy; y++) {
        const from = (z * sy + y) * sx;
        seen.volume.set(body.subarray(from, from + sx), ((oz + z) * 64 + oy + y) * 64 + ox);
      }
    }
    return new Response("");
  });
  try {
    await test(`http://127.0.0.1:${server.addr.port}/api/node/3f8c/seg`, seen);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a volume is sent in whole blocks to an instance that is made for it", async () => {
  await withServer(undefined, async (address, { calls, volume }) => {
    const output = planned(address, "uint8", [1, 40, 50, 60, 1]);
    await output.checkTarget();
    assertEquals(await writeAll(output, [1, 32, 64, 64, 1]), [address]);
    assertEquals(calls[2], "POST /api/repo/3f8c/instance");
    assert(calls.includes("POST /api/node/3f8c/seg/raw/0_1_2/64_64_32/0_0_32"), calls.join("\n"));
    for (const [z, y, x] of [[0, 0, 0], [39, 49, 59], [31, 7, 33]] as const) {
      assertEquals(volume[(z * 64 + y) * 64 + x], ((z * 50 + y) * 60 + x) % 251);
    }
    assertEquals(volume[(40 * 64 + 0) * 64], 0);
  });
});

Deno.test("an instance of another type is refused, an instance that was made is deleted after a failure", async () => {
  const labels = { Base: { TypeName: "labelblk" }, Extended: { BlockSize: [32, 32, 32] } };
  await withServer(labels, async (address) => {
    const output = planned(address, "uint8", [1, 4, 5, 6, 1]);
    const error = await assertRejects(() => output.checkTarget(), UserError, "is a labelblk");
    assertEquals(error.kind, "output");
  });
  await withServer(undefined, async (address, { calls }) => {
    const sink = await planned(address, "uint8", [1, 4, 5, 6, 1]).open();
    await sink.abort();
    assertEquals(calls.at(-1), "DELETE /api/repo/3f8c/seg?imsure=true");
  });
});

Deno.test("what DVID cannot hold, and names that are no addresses, are refused", async () => {
  const address = "http://127.0.0.1:9/api/node/3f8c/seg";
  assertThrows(() => planned("seg", "uint8", [1, 4, 5, 6, 1]), UserError, "data instance");
  assertThrows(() => planned(address, "int16", [1, 4, 5, 6, 1]), UserError, "cannot hold int16");
  assertThrows(() => planned(address, "uint8", [1, 4, 5, 6, 2]), UserError, "c = 2");
  const error = await assertRejects(
    () => planned(address, "uint8", [1, 4, 5, 6, 1]).checkTarget(),
    UserError,
    "cannot write",
  );
  assertEquals(error.kind, "output");
});

Deno.test("what the server says when it cannot store is handed on", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url }) => {
    if (url.endsWith("/info")) return Response.json({ Base: { TypeName: "uint8blk" }, Extended: {} });
    return new Response("no space left on the store\nat put", { status: 500 });
  });
  const address = `http://127.0.0.1:${server.addr.port}/api/node/3f8c/seg`;
  const error = await assertRejects(() => writeAll(planned(address, "uint8", [1, 4, 5, 6, 1])), UserError);
  assertEquals(error.kind, "output");
  assertEquals(error.message, `cannot write ${address}: the server says 500 no space left on the store`);
  await server.shutdown();
});

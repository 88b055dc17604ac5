import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname } from "@std/path";
import { UserError, type UserErrorKind } from "../../lib/array/mod.ts";
import { type InputRequest, openInput } from "../../lib/inputs/mod.ts";
import { openStore } from "../../lib/inputs/key_store.ts";
import { FIXTURES, readList, request, withInput } from "./fixtures.ts";

async function fails(
  text: string,
  more: Partial<InputRequest>,
  kind: UserErrorKind,
  ...words: string[]
): Promise<void> {
  const error = await assertRejects(() => openInput(request(text, more)), UserError);
  assertEquals(error.kind, kind);
  for (const word of words) assertStringIncludes(`${error.message}; ${error.hint}`, word);
}

/** Two unknown codecs each: the second one must not be forgotten. */
const UNKNOWN_CODECS: Readonly<Record<string, { readonly name: string; readonly json: string }>> = {
  "zarr.json": {
    name: "`jpeg9`",
    json: JSON.stringify({
      zarr_format: 3,
      node_type: "array",
      shape: [4, 4],
      data_type: "uint8",
      chunk_grid: { name: "regular", configuration: { chunk_shape: [4, 4] } },
      chunk_key_encoding: { name: "default" },
      fill_value: 0,
      codecs: [{ name: "jpeg9" }, { name: "jpeg10" }],
    }),
  },
  ".zarray": {
    name: "`numcodecs.jpeg9`",
    json: JSON.stringify({
      zarr_format: 2,
      shape: [4, 4],
      chunks: [4, 4],
      dtype: "|u1",
      order: "C",
      fill_value: 0,
      filters: [{ id: "jpeg9" }],
      compressor: { id: "jpeg10" },
    }),
  },
};

Deno.test("openInput() asks which scale of an OME-Zarr is meant, and takes it by key or number", async (t) => {
  for (const store of ["ome04.zarr", "ome05.zarr"]) {
    await t.step(
      `${store} without a scale`,
      () => fails(FIXTURES + store, {}, "usage", "`s0` (1×2×3×6×8)", "`s1` (1×2×3×3×4)", "--scale=s0"),
    );
    await t.step(
      `${store} with a scale that is not there`,
      () => fails(FIXTURES + store, { scale: "7" }, "usage", "no scale `7`", "`s1`"),
    );
    const shapes: Readonly<Record<string, number[]>> = {
      s0: [1, 2, 3, 6, 8],
      s1: [1, 2, 3, 3, 4],
      "1": [1, 2, 3, 3, 4],
    };
    for (const [scale, shape] of Object.entries(shapes)) {
      await t.step(`${store} with scale ${scale}, which is said`, async () => {
        const said: string[] = [];
        await withInput(FIXTURES + store, (array) => {
          assertEquals(array.shape, shape);
          return Promise.resolve();
        }, { scale, info: (message) => said.push(message) });
        const key = scale === "s0" ? "s0" : "s1";
        assertEquals(said, [`\`${FIXTURES}${store}\`: scale \`${key}\` (${shape.join("×")}) of 2 is read`]);
      });
    }
    await t.step(`${store} in compat mode gives the last, lowest resolution`, async () => {
      const said: string[] = [];
      await withInput(FIXTURES + store, (array) => {
        assertEquals([array.shape, array.meta.pixelSize], [[1, 2, 3, 3, 4], { z: 2, y: 2, x: 1 }]);
        return Promise.resolve();
      }, { compat: true, warn: (message) => said.push(message) });
      assertStringIncludes(said.join(), "lowest resolution `s1`");
    });
  }
});

Deno.test("openInput() names a Zarr input after its store, in compat mode after the scale", async () => {
  const names = async (compat: boolean) => {
    const { array, nickname, datasetDir } = await openInput(request(`${FIXTURES}ome04.zarr/s1`, { compat }));
    await array.close();
    return [nickname, datasetDir];
  };
  const folder = FIXTURES.replace(/\/$/, "");
  assertEquals(await names(false), ["ome04", folder]);
  assertEquals(await names(true), ["s1", `${folder}/ome04.zarr`]);
});

Deno.test("openInput() says what is wrong with a store", async (t) => {
  await t.step("a plate", () => fails(`${FIXTURES}ome_plate.zarr`, {}, "input", "collection", "`A/1`", "`B/3`"));
  await t.step(
    "no such array",
    () => fails(`${FIXTURES}groups3.zarr/b`, {}, "input", "no array `b`", "`a/one` (3×4×5 uint8)"),
  );
  await t.step("several datasets", () => fails(`${FIXTURES}table.n5`, {}, "input", "`codecs/blosc` (3×5×7 uint16)"));
  await t.step("no such dataset", () => fails(`${FIXTURES}table.n5/zz`, {}, "input", "no array `zz`", "`named`"));
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/a.n5`);
    await Deno.writeTextFile(
      `${folder}/a.n5/attributes.json`,
      '{"dimensions": [3, 4], "blockSize": [3, 4], "dataType": "uint8", "compression": {"type": "xz"}}',
    );
    await t.step("an unknown codec of N5", () => fails(`${folder}/a.n5`, {}, "input", "`xz`", "gzip"));
    await Deno.writeTextFile(`${folder}/a.n5/attributes.json`, "{");
    await t.step("no JSON", () => fails(`${folder}/a.n5`, {}, "input", "no JSON"));
    await Deno.mkdir(`${folder}/a.zarr`);
    for (const [metadata, codec] of Object.entries(UNKNOWN_CODECS)) {
      await Deno.writeTextFile(`${folder}/a.zarr/${metadata}`, codec.json);
      await t.step(`an unknown codec of ${metadata}`, () => fails(`${folder}/a.zarr`, {}, "input", codec.name, "gzip"));
      await Deno.remove(`${folder}/a.zarr/${metadata}`);
    }
    await Deno.writeTextFile(`${folder}/a.zarr/zarr.json`, '{"zarr_format": 3, "node_type": "array", "shape": [4]}');
    await t.step("metadata that lack most", () => fails(`${folder}/a.zarr`, {}, "input", "a.zarr"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openInput() reads Zarr and N5 from an address, in parts where the format allows", async () => {
  const ranges: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (asked) => {
    const range = asked.headers.get("range");
    if (range !== null) ranges.push(range);
    try {
      const bytes = await Deno.readFile(FIXTURES + new URL(asked.url).pathname.slice(1));
      const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
      if (range === null) return new Response(bytes);
      const part = first === "" ? bytes.slice(-Number(last)) : bytes.slice(Number(first), Number(last) + 1);
      return new Response(part, { status: 206 });
    } catch {
      return new Response("no", { status: 404 });
    }
  });
  try {
    const address = `http://127.0.0.1:${server.addr.port}`;
    for (const path of ["shards3.zarr", "ome05.zarr/s1", "codec2_blosc.zarr", "table.n5/codecs/gzip"]) {
      const { array, nickname } = await openInput(request(`${address}/${path}`));
      const local = await withInput(FIXTURES + path, (other) => readList(other));
      assertEquals(await readList(array), local, path);
      assertEquals(nickname.startsWith(path.split(".")[0] as string), true);
      await array.close();
    }
    assertEquals(ranges.length > 0, true);
    await fails(`${address}/nope.zarr`, {}, "input", "no Zarr or N5 store at this address");
    const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const nobody = `http://127.0.0.1:${closed.addr.port}/a.zarr`;
    closed.close();
    await fails(nobody, {}, "input", `\`${nobody}/zarr.json\`: the server cannot be reached: `);
  } finally {
    await server.shutdown();
  }
});

Deno.test("openInput() tells a connection that breaks off while a chunk is read", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const folder = "codec2_none.zarr";
  // Metadata are sent as they are; of a chunk come ten bytes less than announced.
  const served = (async () => {
    for await (const connection of listener) {
      const request = new Uint8Array(4096);
      const length = await connection.read(request);
      const key = /^GET (\S+)/.exec(new TextDecoder().decode(request.subarray(0, length ?? 0)))?.[1] ?? "";
      const content = await Deno.readFile(FIXTURES + folder + key.slice(folder.length + 1)).catch(() => undefined);
      const status = content === undefined ? "404 Not Found" : "200 OK";
      const announced = (content?.length ?? 0) + (/[0-9]$/.test(key) ? 10 : 0);
      await connection.write(
        new TextEncoder().encode(`HTTP/1.1 ${status}\r\ncontent-length: ${announced}\r\nconnection: close\r\n\r\n`),
      );
      if (content !== undefined) await connection.write(content);
      connection.close();
    }
  })();
  try {
    const { port } = listener.addr as Deno.NetAddr;
    const { array } = await openInput(request(`http://127.0.0.1:${port}/${folder}`));
    const error = await assertRejects(() => readList(array), UserError);
    assertEquals(error.kind, "input");
    await array.close();
  } finally {
    listener.close();
    await served;
  }
});

/** Stores whose chunks are files, with every codec. */
const STORES: readonly string[] = [...Deno.readDirSync(FIXTURES)].map(({ name }) => name)
  .filter((name) => /^(codec|plain|shards|fortran).*\.zarr$/.test(name)).sort();

for (const store of [...STORES, "table.n5/codecs/raw", "table.n5/codecs/gzip", "table.n5/codecs/blosc"]) {
  Deno.test(`openInput() never takes zeros for what is missing in a cut-off chunk of ${store}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const values = await withInput(FIXTURES + store, (array) => readList(array));
      const chunks: string[] = [];
      for await (const path of files(FIXTURES + store)) {
        const inside = path.slice(FIXTURES.length + store.length);
        const target = `${folder}/${store}${inside}`;
        await Deno.mkdir(dirname(target), { recursive: true });
        await Deno.copyFile(path, target);
        if (!/json$|\/\.z[a-z]+$/.test(path)) chunks.push(target);
      }
      for (const chunk of chunks) {
        const bytes = await Deno.readFile(chunk);
        for (const length of [bytes.length - 1, bytes.length >> 1, 1, 0]) {
          await Deno.writeFile(chunk, bytes.subarray(0, length));
          // Some codecs do not miss the last byte of their checksum: then all pixels are there.
          const read = await withInput(`${folder}/${store}`, (array) => readList(array)).catch((error) => error);
          if (read instanceof UserError) assertEquals(read.kind, "input");
          else assertEquals([length, read], [bytes.length - 1, values]);
        }
        await Deno.writeFile(chunk, bytes);
      }
      assertEquals(chunks.length > 0, true);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("openInput() refuses N5 blocks that are smaller than their place", async () => {
  const folder = await Deno.makeTempDir({ suffix: ".n5" });
  try {
    const attributes = { dimensions: [6, 4], blockSize: [4, 4], dataType: "uint8", compression: { type: "raw" } };
    await Deno.writeTextFile(`${folder}/attributes.json`, JSON.stringify({ n5: "2.0.0", ...attributes }));
    // Mode, number of axes, sizes, elements: the second block lies at the edge and is rightly narrower.
    for (const [column, width] of [[0, 3], [1, 2]] as const) {
      await Deno.mkdir(`${folder}/${column}`);
      const head = [0, 0, 0, 2, 0, 0, 0, width, 0, 0, 0, 4];
      await Deno.writeFile(`${folder}/${column}/0`, Uint8Array.from([...head, ...Array(4 * width).fill(7)]));
    }
    await withInput(folder, async (array) => {
      const error = await assertRejects(() => readList(array, [0, 0], [4, 4]), UserError);
      assertStringIncludes(error.message, "smaller than a block should be");
      assertEquals(await readList(array, [0, 4], [4, 6]), Array(8).fill(7));
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function* files(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* files(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

Deno.test("a server that does not answer is given up", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = silent.accept();
  try {
    const store = openStore(`http://127.0.0.1:${silent.addr.port}/a.zarr`, 20);
    await assertRejects(() => store.get("zarr.json"), UserError, "the server does not answer");
  } finally {
    (await accepted).close();
    silent.close();
  }
});

Deno.test("openInput() says when there is no scale to choose", async () => {
  for (
    const [file, words] of [
      ["single.h5", "is an HDF5 file and has no scales"],
      ["png_8_3.png", "is a PNG image and has no scales"],
      ["ome04.zarr/s1", "ome04.zarr/s1` is one array"],
      ["shards3.zarr", "shards3.zarr` is one array"],
      ["groups3.zarr", "groups3.zarr/a/one` is one array"],
    ] as const
  ) {
    const said: string[] = [];
    await withInput(FIXTURES + file, () => Promise.resolve(), { scale: "0", warn: (message) => said.push(message) });
    assertEquals(said.length, 1, file);
    assertStringIncludes(said[0] ?? "", words);
    assertStringIncludes(said[0] ?? "", "`--scale` has no effect on it");
  }
});

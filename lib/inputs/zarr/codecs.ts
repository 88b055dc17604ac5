/**
 * Checks that all codecs of an array are known, before zarrita looks for them: of several unknown ones it would leave
 * a rejected promise behind.
 *
 * @module
 */
import { registry } from "zarrita";
import { inputError } from "../input_error.ts";
import { type KeyStore, readJson } from "../key_store.ts";

const SHARDING = "sharding_indexed";
/** zarrita turns it into other codecs. */
const TRANSLATED = "fixedscaleoffset";

/**
 * Reads the metadata of an array once more and looks at its codecs.
 *
 * @throws {UserError} kind `input` naming the first unknown codec
 */
export async function checkCodecs(store: KeyStore, path: string): Promise<void> {
  const where = path === "" ? store.path : `${store.path}/${path}`;
  const key = (name: string) => path === "" ? name : `${path}/${name}`;
  const version3 = await readJson(store, key("zarr.json"));
  const names = version3 === undefined
    ? oldNames(await readJson(store, key(".zarray")))
    : newNames(field(version3, "codecs"));
  if (names === undefined) throw inputError(where, "its metadata are damaged");
  const unknown = names.find((name) => !registry.has(name));
  if (unknown === undefined) return;
  throw inputError(where, `its chunks are packed with \`${unknown}\`, which is not supported`, {
    hint: "store it with blosc, gzip, zstd or without compression",
  });
}

/**
 * Whether the shards of an array begin with their index; zarrita takes it from their end.
 *
 * @throws {UserError} kind `input` when the metadata are damaged
 */
export async function shardsBeginWithIndex(store: KeyStore, path: string): Promise<boolean> {
  const codecs = field(await readJson(store, path === "" ? "zarr.json" : `${path}/zarr.json`), "codecs");
  return Array.isArray(codecs) &&
    codecs.some((codec) =>
      field(codec, "name") === SHARDING && field(field(codec, "configuration"), "index_location") === "start"
    );
}

/** Zarr 3: the codecs of shards are inside their configuration. */
function newNames(codecs: unknown): string[] | undefined {
  if (!Array.isArray(codecs)) return undefined;
  const names: string[] = [];
  for (const codec of codecs) {
    const name = field(codec, "name");
    const configuration = field(codec, "configuration");
    const inside = name === SHARDING ? [field(configuration, "codecs"), field(configuration, "index_codecs")] : [];
    const below = inside.map(newNames);
    if (typeof name !== "string" || below.includes(undefined)) return undefined;
    names.push(...(name === SHARDING ? below.flatMap((list) => list ?? []) : [name]));
  }
  return names;
}

/** Zarr 2: one compressor, or none, and filters, or none. */
function oldNames(metadata: unknown): string[] | undefined {
  const filters = field(metadata, "filters") ?? [];
  if (!Array.isArray(filters)) return undefined;
  const compressor = field(metadata, "compressor") ?? undefined;
  const ids = [...filters, ...(compressor === undefined ? [] : [compressor])].map((codec) => field(codec, "id"));
  if (!ids.every((id) => typeof id === "string")) return undefined;
  return ids.filter((id) => id !== TRANSLATED).map((id) => `numcodecs.${id}`);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

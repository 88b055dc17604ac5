/**
 * The bytes of the image formats whose files follow from the pixels alone: those that were written when each image was
 * encoded as a whole, whatever pieces it comes in now. Written as checksums; other tests say what the bytes mean.
 */
import { assertEquals } from "@std/assert";
import { type Dtype, dtypeInfo, type Five, type NdArray, parseAxes } from "../../lib/array/mod.ts";
import { planExport } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

/** Height and width. The last is large enough for several tables of LZW codes. */
const SIZES = [[1, 1], [1, 7], [7, 1], [5, 3], [33, 18], [130, 71]] as const;
/** Rows that are written at a time: few and odd, or all. */
const ROWS = [3, 1000];

/** An element type and channels, and what becomes of the values. */
interface Case {
  readonly format: string;
  readonly dtype: Dtype;
  readonly channels: number;
  /** Stretched or scaled instead of written as they are. */
  readonly conversion?: "stretched" | "scaled" | "exact";
}

function casesOf(format: string, dtypes: readonly Dtype[], channels: readonly number[]): Case[] {
  return dtypes.flatMap((dtype) => channels.map((count) => ({ format, dtype, channels: count })));
}

const CASES: readonly Case[] = [
  ...["bmp", "ras", "gif", "jpeg"].flatMap((format) => casesOf(format, ["bool", "uint8"], [1, 3])),
  ...casesOf("pnm", ["bool", "uint8", "uint16"], [1, 3]),
  ...casesOf("hdr", ["float32"], [3]),
  ...casesOf("xv", ["bool", "uint8", "int16", "int32", "float32", "float64"], [1, 2, 3, 4]),
  ...(["int8", "uint16", "int32", "uint64", "int64", "float32", "float64"] as const).map((dtype) =>
    ({ format: "bmp", dtype, channels: 3, conversion: "stretched" }) as const
  ),
  { format: "gif", dtype: "float32", channels: 3, conversion: "stretched" },
  { format: "gif", dtype: "int16", channels: 1, conversion: "stretched" },
  { format: "ras", dtype: "float64", channels: 1, conversion: "scaled" },
  { format: "pgm", dtype: "uint32", channels: 1, conversion: "exact" },
];

/** Digits of SHA-256 of all files of a case, one size after the other. */
const EXPECTED: Readonly<Record<string, string>> = {
  "bmp bool 1": "b0ee4d954e942fe4",
  "bmp bool 3": "a32526ee10a9df59",
  "bmp uint8 1": "49bb0755c411b3b6",
  "bmp uint8 3": "f07e87d7c832aaf9",
  "ras bool 1": "7244b24269a690c6",
  "ras bool 3": "44697ba1e50d87db",
  "ras uint8 1": "2476b3f931f408fb",
  "ras uint8 3": "13d9da8de1330e1c",
  "gif bool 1": "3242e6bfa7af4c1d",
  "gif bool 3": "4d036085fbd3b0f2",
  "gif uint8 1": "a4411f17417efb5a",
  "gif uint8 3": "87615a477f474cf2",
  "jpeg bool 1": "07bb9cae44aa9df6",
  "jpeg bool 3": "80eb0d2a015fe17f",
  "jpeg uint8 1": "eccc5a6b287ed3d4",
  "jpeg uint8 3": "ec73cbe7055c97eb",
  "pnm bool 1": "eba0178171fe4ebd",
  "pnm bool 3": "877362bece60e263",
  "pnm uint8 1": "edb7303c1f963cfb",
  "pnm uint8 3": "0f3c3776b6ae0f09",
  "pnm uint16 1": "2061a43aac6af43f",
  "pnm uint16 3": "0131f3ebea549dee",
  "hdr float32 3": "703e9838f194e1e4",
  "xv bool 1": "926973a5b1e6bb2e",
  "xv bool 2": "9394a36cb5621c9f",
  "xv bool 3": "52c20e61cd0a902b",
  "xv bool 4": "5267d890eaf42f3d",
  "xv uint8 1": "bb99e1ed9f0e2c7b",
  "xv uint8 2": "6cdebe322091bafd",
  "xv uint8 3": "5b7e1658f7fa8ec9",
  "xv uint8 4": "33241eac5f1f8a5a",
  "xv int16 1": "dc4b4d6e3ce3110a",
  "xv int16 2": "5ce0a2d5f7c87421",
  "xv int16 3": "f52e003709f33967",
  "xv int16 4": "2fe4e4799432d2f0",
  "xv int32 1": "740a20660930468e",
  "xv int32 2": "b79869f3cc30280d",
  "xv int32 3": "09b95b4d3147b21f",
  "xv int32 4": "3789816d123da80d",
  "xv float32 1": "989eeab84baa0c2c",
  "xv float32 2": "98e6defdc3b5861c",
  "xv float32 3": "ec1a62e26b0bf2f1",
  "xv float32 4": "29ad91131b28392d",
  "xv float64 1": "098687b34b84de52",
  "xv float64 2": "d42d286c2028aa63",
  "xv float64 3": "06aa26229e789a24",
  "xv float64 4": "eec609784e383e9d",
  "bmp int8 3 stretched": "638581783ff3c3ef",
  "bmp uint16 3 stretched": "05659aea317766f1",
  "bmp int32 3 stretched": "05659aea317766f1",
  "bmp uint64 3 stretched": "05659aea317766f1",
  "bmp int64 3 stretched": "05659aea317766f1",
  "bmp float32 3 stretched": "403346a35ab28014",
  "bmp float64 3 stretched": "82beb3941dfc0168",
  "gif float32 3 stretched": "07392eb80d4c9377",
  "gif int16 1 stretched": "280686b821026f06",
  "ras float64 1 scaled": "882a3a1e465f385e",
  "pgm uint32 1 exact": "2061a43aac6af43f",
};

/** Noise on the left, slopes and runs on the right: few colours as well as many, long codes as well as short ones. */
function value(dtype: Dtype, [, , height, width, channels]: Five, i: number): number {
  const [c, x, y] = [i % channels, Math.floor(i / channels) % width, Math.floor(i / channels / width)];
  const noise = (Math.imul(i + 1, 2654435761) ^ Math.imul(y + 7, 40503)) >>> 24;
  const smooth = Math.floor(200 * y / height) + (x & 8) + 3 * c;
  const byte = x < width / 2 ? noise : smooth;
  const { kind, bytes } = dtypeInfo(dtype);
  if (dtype === "bool") return byte & 1;
  if (kind === "f") return (byte - 40) * 1.37 * 2 ** (y % 40 - 20);
  if (kind === "i") return (byte - 128) * (bytes === 1 ? 1 : 251);
  return bytes === 1 ? byte : byte * 257;
}

/** What the exponents of Radiance images have edges at. */
const SPECIAL: readonly number[] = [
  NaN,
  Infinity,
  -Infinity,
  3e38,
  1e-32,
  9e-33,
  1e-45,
  0,
  -0,
  1,
  0.5,
  255,
  256,
  2 ** 127,
];

function image({ format, dtype, channels, conversion }: Case, height: number, width: number): NdArray {
  const shape: Five = [1, 1, height, width, channels];
  return filled(dtype, shape, (i) => {
    const number = value(dtype, shape, i);
    if (format === "hdr") return SPECIAL[i % 97] ?? number;
    return conversion === "scaled" ? number / 2 ** 20 : number;
  });
}

async function write(row: Case, height: number, width: number, rows: number): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir();
  try {
    const axes = parseAxes("yxc") ?? [];
    const result = {
      name: "R",
      source: memorySource(image(row, height, width), axes),
      outputAxes: axes,
      continuous: row.conversion === "scaled",
      ...(row.conversion === "scaled" ? { valueRange: [-100, 300] as const } : {}),
    };
    const settings = settingsFor(folder, {
      formatName: row.format,
      compat: row.conversion === "stretched",
      warn: () => {},
    });
    const [path = ""] = await writeAll(
      planExport(result, { text: "in", nickname: "in", datasetDir: "/" }, settings),
      [1, 1, rows, width, row.channels],
    );
    return await Deno.readFile(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function checksum(row: Case, rows: number): Promise<string> {
  const files: Uint8Array<ArrayBuffer>[] = [];
  for (const [height, width] of SIZES) files.push(await write(row, height, width, rows));
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(files).arrayBuffer());
  return new Uint8Array(digest).toHex().slice(0, 16);
}

for (const row of CASES) {
  const name = [row.format, row.dtype, row.channels, row.conversion].filter((part) => part !== undefined).join(" ");
  Deno.test({
    name: `bytes of ${name}`,
    sanitizeResources: false,
    sanitizeOps: false,
    fn: async () => {
      for (const rows of ROWS) assertEquals(await checksum(row, rows), EXPECTED[name]);
    },
  });
}

Deno.test({
  name: "formats with several names write the same bytes under each",
  sanitizeResources: false,
  sanitizeOps: false,
  fn: async () => {
    for (const [first = "", ...others] of [["pnm", "pbm", "pgm", "ppm"], ["jpeg", "jpg"]]) {
      const row: Case = { format: first, dtype: "uint8", channels: 3 };
      const expected = await checksum(row, 3);
      for (const format of others) assertEquals(await checksum({ ...row, format }, 3), expected, format);
    }
  },
});

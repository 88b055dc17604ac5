/**
 * Members of zip archives, stored or deflated, also zip64. Inflating is zlib's.
 * Format: PKWARE's APPNOTE, sections 4.3 and 4.5.3.
 *
 * @module
 */
import { inflateRawSync } from "node:zlib";
import type { ByteFile } from "./bytes.ts";
import { inputError } from "./input_error.ts";

/** One member. */
export interface ZipEntry {
  /** Name. */
  readonly name: string;
  /** Number of the compression. */
  readonly method: number;
  /** Bytes in the archive. */
  readonly packedSize: number;
  /** Bytes. */
  readonly size: number;
  /** Position of its local header. */
  readonly offset: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65535;
const LOCATOR_BYTES = 20;
const IN_EXTRA = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
/** Deflate cannot pack better than about 1 : 1032. */
const BEST_PACKING = 1040;

/**
 * Reads the list of members.
 *
 * @throws {UserError} kind `input` when it is no zip archive
 */
export async function readZipEntries(file: ByteFile): Promise<readonly ZipEntry[]> {
  const { offset, length } = await findDirectory(file);
  const bytes = await file.read(offset, length);
  const view = new DataView(bytes.buffer);
  const entries: ZipEntry[] = [];
  for (let at = 0; at + 46 <= length && view.getUint32(at, true) === CENTRAL;) {
    const u16 = (position: number) => view.getUint16(at + position, true);
    const [nameLength, extraLength, commentLength] = [u16(28), u16(30), u16(32)];
    const extraAt = at + 46 + nameLength;
    if (extraAt + extraLength > length) throw inputError(file.path, "the archive is damaged");
    const large = zip64Field(new DataView(bytes.buffer, extraAt, extraLength));
    const field = (position: number) => {
      const value = view.getUint32(at + position, true);
      return value === IN_EXTRA ? large.shift() ?? value : value;
    };
    const size = field(24);
    const packedSize = field(20);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, extraAt)),
      method: u16(10),
      size,
      packedSize,
      offset: field(42),
    });
    at = extraAt + extraLength + commentLength;
  }
  return entries;
}

/** Whether a member is unpacked into memory when it is opened. */
export function isInMemory({ method }: ZipEntry): boolean {
  return method !== STORED;
}

/**
 * A member as a file of its own: stored ones are read in pieces, deflated ones are unpacked into memory.
 *
 * @throws {UserError} kind `input`
 */
export async function openZipEntry(file: ByteFile, entry: ZipEntry): Promise<ByteFile> {
  const path = `${file.path}/${entry.name}`;
  const local = new DataView((await file.read(entry.offset, 30)).buffer);
  if (local.getUint32(0, true) !== LOCAL) throw inputError(path, "the archive is damaged");
  const start = entry.offset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  const close = () => file.close();
  const outside = () => Promise.reject(inputError(path, "the file is truncated"));
  if (entry.method === STORED) {
    return {
      path,
      size: entry.size,
      read: (offset, length) => offset + length <= entry.size ? file.read(start + offset, length) : outside(),
      readRuns: (offset, length, step, count) =>
        offset + (count - 1) * step + length <= entry.size
          ? file.readRuns(start + offset, length, step, count)
          : outside(),
      close,
    };
  }
  if (entry.method !== DEFLATED) {
    throw inputError(path, `it is packed with method ${entry.method}, only deflate is supported`);
  }
  if (entry.size > entry.packedSize * BEST_PACKING) throw inputError(path, "the archive is damaged");
  const bytes = inflated(path, await file.read(start, entry.packedSize), entry.size);
  return {
    path,
    size: bytes.length,
    read: (offset, length) =>
      offset + length <= bytes.length ? Promise.resolve(bytes.slice(offset, offset + length)) : outside(),
    readRuns: (offset, length, step, count) => {
      if (offset + (count - 1) * step + length > bytes.length) return outside();
      const runs = new Uint8Array(length * count);
      for (let run = 0; run < count; run++) {
        const from = offset + run * step;
        runs.set(bytes.subarray(from, from + length), run * length);
      }
      return Promise.resolve(runs);
    },
    close,
  };
}

function inflated(path: string, packed: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(inflateRawSync(packed, { maxOutputLength: Math.max(1, size) }));
  } catch (cause) {
    throw inputError(path, "the archive is damaged", { cause });
  }
}

async function findDirectory(file: ByteFile): Promise<{ offset: number; length: number }> {
  const tailLength = Math.min(file.size, END_BYTES + LONGEST_COMMENT + LOCATOR_BYTES);
  const tail = await file.read(file.size - tailLength, tailLength);
  const view = new DataView(tail.buffer);
  let at = tailLength - END_BYTES;
  while (at >= 0 && view.getUint32(at, true) !== END) at--;
  if (at < 0) throw inputError(file.path, "it is no complete zip archive");
  const length = view.getUint32(at + 12, true);
  const offset = view.getUint32(at + 16, true);
  const locator = at - LOCATOR_BYTES;
  if (offset !== IN_EXTRA || locator < 0 || view.getUint32(locator, true) !== END64_LOCATOR) return { offset, length };
  const end64 = new DataView((await file.read(Number(view.getBigUint64(locator + 8, true)), 56)).buffer);
  if (end64.getUint32(0, true) !== END64) throw inputError(file.path, "the archive is damaged");
  return { length: Number(end64.getBigUint64(40, true)), offset: Number(end64.getBigUint64(48, true)) };
}

/** The 64-bit numbers of the zip64 extra field, in the order size, packed size, offset, as far as they are there. */
function zip64Field(extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === 1 && at + 4 + length <= extra.byteLength) {
      return Array.from({ length: length >> 3 }, (_, i) => Number(extra.getBigUint64(at + 4 + 8 * i, true)));
    }
    at += 4 + length;
  }
  return [];
}

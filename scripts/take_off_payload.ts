/**
 * Takes the payload off a program that `deno compile` made, which leaves the Deno runtime as it was before.
 *
 * @module
 */

/** One load command of a Mach-O file. */
interface LoadCommand {
  readonly kind: number;
  readonly at: number;
  readonly size: number;
}

/** Mach-O load commands that are looked at. */
const LC = { symbolTable: 0x2, dynamicSymbols: 0xb, segment: 0x19, signature: 0x1d } as const;

/** CPU type arm64 of Mach-O. */
const MACHO_ARM64 = 0x0100000c;

/** Where Mach-O load commands hold offsets into the link-edit data, from the command's start. */
const LINK_OFFSETS: Readonly<Record<number, readonly number[]>> = {
  [LC.symbolTable]: [8, 16],
  [LC.dynamicSymbols]: [32, 40, 48, 56, 64, 72],
  0x22: [8, 16, 24, 32, 40], // dyld info
  0x80000022: [8, 16, 24, 32, 40],
  [LC.signature]: [8],
  0x26: [8], // function starts
  0x29: [8], // data in code
  0x2b: [8], // code sign DRs
  0x2e: [8], // linker optimisation hints
  0x80000033: [8], // exports trie
  0x80000034: [8], // chained fix-ups
};

/** A program as bytes that can be read, changed and shortened. Little endian. */
class Program {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u16(at: number): number {
    return this.view.getUint16(at, true);
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  u64(at: number): number {
    return Number(this.view.getBigUint64(at, true));
  }

  setU16(at: number, value: number): void {
    this.view.setUint16(at, value, true);
  }

  setU32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  setU64(at: number, value: number): void {
    this.view.setBigUint64(at, BigInt(value), true);
  }

  text(at: number, length: number): string {
    return new TextDecoder("latin1").decode(this.bytes.subarray(at, at + length)).replace(/\0+$/, "");
  }

  /** Everything in front of a place. */
  before(end: number): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, end);
  }
}

function need(found: boolean, what: string): asserts found {
  if (!found) throw new Error(`unexpected layout of the program: ${what}`);
}

/** Smallest multiple of `step` that is not below `value`. */
function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** ELF: the payload follows the section headers, which end the file proper. */
function fromElf(program: Program): Uint8Array<ArrayBuffer> {
  const end = program.u64(0x28) + program.u16(0x3a) * program.u16(0x3c);
  need(program.text(end, 8) === "d3n0l4nd", "no payload behind the section headers");
  return program.before(end);
}

/** PE: the payload is the only resource, in a last section of its own; section and directory entry go. */
function fromPe(program: Program): Uint8Array<ArrayBuffer> {
  const header = program.u32(0x3c);
  const sections = program.u16(header + 6);
  const optional = header + 24;
  const last = optional + program.u16(header + 20) + 40 * (sections - 1);
  need(program.text(last, 8) === ".pedata", "the last section is not .pedata");
  const start = program.u32(last + 20);
  const end = program.u32(last - 40 + 12) + program.u32(last - 40 + 8);
  program.setU16(header + 6, sections - 1);
  program.setU32(optional + 56, roundUp(end, program.u32(optional + 32))); // SizeOfImage
  program.setU32(optional + 64, 0); // CheckSum
  program.setU64(optional + 112 + 2 * 8, 0); // resource directory
  program.bytes.fill(0, last, last + 40);
  return program.before(start);
}

/** Takes a load command out; the bytes behind the commands are padding. */
function dropCommand(program: Program, command: LoadCommand, end: number): void {
  program.bytes.copyWithin(command.at, command.at + command.size, end);
  program.bytes.fill(0, end - command.size, end);
  program.setU32(16, program.u32(16) - 1);
  program.setU32(20, program.u32(20) - command.size);
}

/** arm64: the payload is a segment before `__LINKEDIT`; everything behind it goes back to its place. */
function fromMachoArm64(
  program: Program,
  commands: readonly LoadCommand[],
  end: number,
  link: LoadCommand,
  payload: LoadCommand | undefined,
): Uint8Array<ArrayBuffer> {
  need(payload !== undefined, "no segment __SUI");
  const [inMemory, start, size] = [
    program.u64(payload.at + 32),
    program.u64(payload.at + 40),
    program.u64(payload.at + 48),
  ];
  for (const { kind, at } of commands) {
    for (const offset of LINK_OFFSETS[kind] ?? []) {
      if (program.u32(at + offset) >= start + size) program.setU32(at + offset, program.u32(at + offset) - size);
    }
  }
  program.setU64(link.at + 24, program.u64(link.at + 24) - inMemory);
  program.setU64(link.at + 40, start);
  dropCommand(program, payload, end);
  program.bytes.copyWithin(start, start + size);
  return program.before(program.bytes.length - size);
}

/** Place of the last occurrence of a pattern. */
function lastIndexOf(bytes: Uint8Array, pattern: Uint8Array): number {
  for (let at = bytes.length - pattern.length; at > 0; at--) {
    if (pattern.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

/** x64: the payload follows the symbols' names, behind a marker; then a signature, which Intel Macs don't ask for. */
function fromMachoX64(
  program: Program,
  commands: readonly LoadCommand[],
  end: number,
  link: LoadCommand,
): Uint8Array<ArrayBuffer> {
  const marker = new Uint8Array([...new TextEncoder().encode("<~sui-data~>"), 0xef, 0xbe, 0xad, 0xde]);
  const mark = lastIndexOf(program.bytes, marker);
  const symbols = commands.find(({ kind }) => kind === LC.symbolTable);
  need(mark > 0 && symbols !== undefined, "no payload marker or symbol table");
  program.setU32(symbols.at + 20, mark - program.u32(symbols.at + 16));
  program.setU64(link.at + 48, mark - program.u64(link.at + 40));
  program.setU64(link.at + 32, roundUp(mark - program.u64(link.at + 40), 4096));
  const signature = commands.find(({ kind }) => kind === LC.signature);
  if (signature) dropCommand(program, signature, end);
  return program.before(mark);
}

function fromMacho(program: Program): Uint8Array<ArrayBuffer> {
  const commands: LoadCommand[] = [];
  let end = 32;
  for (let left = program.u32(16); left > 0; left--) {
    commands.push({ kind: program.u32(end), at: end, size: program.u32(end + 4) });
    end += program.u32(end + 4);
  }
  const segment = (name: string): LoadCommand | undefined =>
    commands.find(({ kind, at }) => kind === LC.segment && program.text(at + 8, 16) === name);
  const link = segment("__LINKEDIT");
  need(link !== undefined, "no segment __LINKEDIT");
  return program.u32(4) === MACHO_ARM64
    ? fromMachoArm64(program, commands, end, link, segment("__SUI"))
    : fromMachoX64(program, commands, end, link);
}

/** First four bytes of a program, to what takes its payload off. */
const FORMATS: Readonly<Record<number, (program: Program) => Uint8Array<ArrayBuffer>>> = {
  0x464c457f: fromElf,
  0x00905a4d: fromPe,
  0xfeedfacf: fromMacho,
};

/**
 * Takes the payload off.
 *
 * @param bytes the program (ELF, PE or Mach-O, 64 bit); changed on the way
 * @returns the runtime
 * @throws {Error} if the program is not laid out as `deno compile` 2.6.8 does
 */
export function takeOffPayload(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const program = new Program(bytes);
  const format = FORMATS[program.u32(0)];
  need(format !== undefined, "neither ELF, PE nor Mach-O");
  return format(program);
}

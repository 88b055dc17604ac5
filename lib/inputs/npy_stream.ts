/**
 * A `.npy` array that comes as a stream. Readers want any region at any time, a stream cannot go back: it is kept in a
 * temporary file.
 *
 * @module
 */
import { errorText, UserError } from "../array/mod.ts";
import { hasAscii, openBytes } from "./bytes.ts";
import { inputError } from "./input_error.ts";
import { layoutArray, NPY_MAGIC, readNpyHeader } from "./npy.ts";
import { withRange } from "./open.ts";
import type { OpenedInput } from "./types.ts";

/** Where bytes come from. */
export interface ByteStream {
  /** Reads some bytes; returns how many, `null` at the end. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
}

const NAME = "stdin";
const BUFFER_BYTES = 1 << 20;

/** The array of standard input. The stream is read when the array is first opened. */
export class NpyStream implements Disposable {
  readonly #stream: ByteStream;
  readonly #held = new DisposableStack();
  #received: Promise<string> | undefined;

  /** Nothing is read yet. */
  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /**
   * Opens the array, as often as needed.
   *
   * @throws {UserError} kind `input` when the stream holds something else, kind `output` when it cannot be kept
   */
  async open(): Promise<OpenedInput> {
    const file = await openBytes(await (this.#received ??= this.#receive()), NAME);
    try {
      const header = await readNpyHeader(file);
      if (file.size > header.end) {
        throw inputError(NAME, `${file.size - header.end} bytes follow behind the array`, {
          hint: "one array is read from stdin; give others as files",
        });
      }
      const array = withRange(layoutArray(file, header.shape, header));
      return { array, paths: [], innerPaths: [], nickname: NAME, datasetDir: Deno.cwd() };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Removes the temporary file. */
  [Symbol.dispose](): void {
    this.#held.dispose();
  }

  /** Reads the stream to its end. Returns the path of the temporary file. */
  async #receive(): Promise<string> {
    const { path, file } = await keeping(() => this.#makeFile());
    const buffer = new Uint8Array(BUFFER_BYTES);
    let filled = await this.#read(buffer);
    for (let got = filled; got > 0 && filled < NPY_MAGIC.length; filled += got) {
      got = await this.#read(buffer.subarray(filled));
    }
    // Before the rest comes: whatever else was piped by mistake may be long.
    if (filled === 0) throw inputError(NAME, "nothing came", { hint: "pipe one array in the .npy format into it" });
    if (!hasAscii(buffer.subarray(0, filled), NPY_MAGIC)) {
      throw inputError(NAME, "it is not a NumPy array", { hint: "only .npy is read from stdin" });
    }
    for (; filled > 0; filled = await this.#read(buffer)) {
      for (let done = 0; done < filled;) done += await keeping(() => file.write(buffer.subarray(done, filled)));
    }
    return path;
  }

  /** Without waiting, so that a run that is stopped meanwhile leaves nothing. */
  #makeFile(): { path: string; file: Deno.FsFile } {
    const path = Deno.makeTempFileSync({ prefix: "ilastik-headless-", suffix: ".npy" });
    this.#held.defer(() => {
      try {
        Deno.removeSync(path);
      } catch {
        // Somebody cleaned up the folder.
      }
    });
    return { path, file: this.#held.use(Deno.openSync(path, { write: true })) };
  }

  /** Number of bytes that came, 0 at the end. */
  async #read(buffer: Uint8Array<ArrayBuffer>): Promise<number> {
    try {
      return await this.#stream.read(buffer) ?? 0;
    } catch (cause) {
      throw inputError(NAME, errorText(cause), { cause });
    }
  }
}

async function keeping<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new UserError("output", `cannot keep ${NAME} in a temporary file: ${errorText(cause)}`, {
      hint: "TMPDIR names another folder for temporary files",
      cause,
    });
  }
}

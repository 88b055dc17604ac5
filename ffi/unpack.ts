/**
 * Ways to make a library's bytes loadable: each puts them somewhere and returns a path for `Deno.dlopen`.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** `memfd_create`: the file is closed when another program is started in this process. */
const MFD_CLOEXEC = 1;

/**
 * Puts a library into an anonymous file in memory; nothing touches the disk. Linux only.
 *
 * The file stays open until the process ends: were its number used again by the next library, the loader would take
 * the two for the same, because it knows libraries by their path.
 *
 * @param file the library's file name, seen in `/proc/<pid>/maps`
 * @param bytes its content
 * @returns path of the anonymous file
 * @throws {Error} where there are no such files
 */
export function inMemory(file: string, bytes: Uint8Array<ArrayBuffer>): string {
  if (Deno.build.os !== "linux") throw new Error("no files in memory on this system");
  const libc = Deno.dlopen("libc.so.6", {
    memfd_create: { parameters: ["buffer", "u32"], result: "i32" }, // int memfd_create(const char *name, unsigned flags)
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" }, // ssize_t write(int, const void *, size_t)
    close: { parameters: ["i32"], result: "i32" }, // int close(int)
  });
  try {
    const descriptor = libc.symbols.memfd_create(new TextEncoder().encode(`${file}\0`), MFD_CLOEXEC);
    if (descriptor < 0) throw new Error("no file in memory can be made");
    for (let done = 0; done < bytes.length;) {
      const written = Number(libc.symbols.write(descriptor, bytes.subarray(done), BigInt(bytes.length - done)));
      if (written <= 0) {
        libc.symbols.close(descriptor);
        throw new Error("the file in memory cannot be written");
      }
      done += written;
    }
    return `/proc/self/fd/${descriptor}`;
  } finally {
    libc.close();
  }
}

/** The user's folder for caches, as the system has it; undefined if the environment names none. */
function userCacheFolder(): string | undefined {
  const [variable, below] = {
    windows: ["LOCALAPPDATA", ""],
    darwin: ["HOME", "/Library/Caches"],
  }[Deno.build.os as string] ?? (Deno.env.get("XDG_CACHE_HOME") ? ["XDG_CACHE_HOME", ""] : ["HOME", "/.cache"]);
  const base = Deno.env.get(variable ?? "");
  return base ? `${base}${below}` : undefined;
}

/** Makes a folder that only this user can enter; refuses one that belongs to somebody else. */
function makePrivate(folder: string): void {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (Deno.build.os === "windows") return;
  const { uid, mode, isDirectory } = Deno.lstatSync(folder);
  if (!isDirectory || uid !== Deno.uid()) throw new Error(`${folder} belongs to another user`);
  if (mode !== null && (mode & 0o077) !== 0) Deno.chmodSync(folder, 0o700);
}

/** Whether a file holds exactly these bytes. */
function holds(path: string, bytes: Uint8Array<ArrayBuffer>): boolean {
  try {
    const info = Deno.lstatSync(path);
    if (!info.isFile || info.size !== bytes.length) return false;
    const there = Deno.readFileSync(path);
    return there.every((byte, index) => byte === bytes[index]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Puts a library into a private folder of the user's cache, under a name that belongs to its content; a file that is
 * there is used again if it holds just these bytes.
 *
 * @param file the library's file name
 * @param bytes its content
 * @returns path of the file
 * @throws {Error} if there is no such folder, or it cannot be written
 */
export function inCacheFolder(file: string, bytes: Uint8Array<ArrayBuffer>): string {
  const cache = userCacheFolder();
  if (cache === undefined) throw new Error("no cache folder is known");
  const ours = `${cache}/ilastik-headless`;
  const folder = `${ours}/${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
  makePrivate(folder);
  const path = `${folder}/${file}`;
  if (holds(path, bytes)) return path;
  const part = Deno.makeTempFileSync({ dir: folder, prefix: `${file}.`, suffix: ".part" });
  try {
    Deno.writeFileSync(part, bytes, { mode: 0o700 });
    Deno.renameSync(part, path);
  } catch (error) {
    Deno.removeSync(part);
    throw error;
  }
  return path;
}

/**
 * Puts a library into a temporary folder that is removed when the process ends.
 *
 * @param file the library's file name
 * @param bytes its content
 * @returns path of the file
 * @throws {Error} if no temporary folder can be made
 */
export function inTemporaryFolder(file: string, bytes: Uint8Array<ArrayBuffer>): string {
  const folder = Deno.makeTempDirSync({ prefix: "ilastik-headless-" });
  globalThis.addEventListener("unload", () => {
    // Windows removes no library that is loaded; its own clean-up of temporary files has to.
    if (Deno.build.os !== "windows") Deno.removeSync(folder, { recursive: true });
  });
  const path = `${folder}/${file}`;
  Deno.writeFileSync(path, bytes, { mode: 0o700 });
  return path;
}

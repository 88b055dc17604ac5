import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { LibraryError, openLibrary } from "../../ffi/library.ts";
import { hostTarget, libraryFile } from "../../ffi/target.ts";
import { inCacheFolder, inMemory } from "../../ffi/unpack.ts";

/** A small library to unpack: our kernels. */
const FILE = libraryFile("ilh_kernels", hostTarget());
const BYTES = Deno.readFileSync(new URL(`../../native/dist/${hostTarget()}/${FILE}`, import.meta.url));

/** Runs with a changed environment variable. */
function withEnv(name: string, value: string, test: () => void): void {
  const before = Deno.env.get(name);
  Deno.env.set(name, value);
  try {
    test();
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
}

/** Runs with a fresh folder. */
function withFolder(test: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("openLibrary() opens every library that the program ships", () => {
  for (const name of ["hdf5", "ilh_tiff", "ilh_kernels", "scipy_openblas"] as const) openLibrary(name, {}).close();
});

Deno.test("openLibrary() gives one library however often it is opened", () => {
  const symbols = { scipy_openblas_set_num_threads: { parameters: ["i32"], result: "void" } } as const;
  const getter = { scipy_openblas_get_num_threads: { parameters: [], result: "i32" } } as const;
  const first = openLibrary("scipy_openblas", symbols);
  const second = openLibrary("scipy_openblas", getter);
  first.symbols.scipy_openblas_set_num_threads(1);
  assertEquals(second.symbols.scipy_openblas_get_num_threads(), 1);
  first.close();
  second.close();
});

Deno.test("openLibrary() says in one line which file it cannot open and what named it", () => {
  withEnv("ILASTIK_HEADLESS_TIFF_PATH", "/no/such/file.so", () => {
    const error = assertThrows(() => openLibrary("ilh_tiff", {}), LibraryError, "/no/such/file.so");
    assertMatch(error.message, /^cannot open the native library ilh_tiff: [^\n]+$/);
    assertEquals(error.hint, "ILASTIK_HEADLESS_TIFF_PATH names this file");
  });
});

Deno.test("openLibrary() names a function that the library lacks", () => {
  const missing = { ilh_no_such_function: { parameters: [], result: "void" } } as const;
  assertThrows(() => openLibrary("ilh_kernels", missing), LibraryError, "ilh_no_such_function");
});

Deno.test({
  name: "inMemory() gives two libraries two paths, loadable and with the same content",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const [one, two] = [inMemory(FILE, BYTES), inMemory(FILE, BYTES)];
    assert(one !== two);
    assertEquals(Deno.readFileSync(one), BYTES);
    Deno.dlopen(two, {}).close();
  },
});

Deno.test("inCacheFolder() keeps one private file and repairs a damaged one", () => {
  withFolder((folder) =>
    withEnv("XDG_CACHE_HOME", folder, () => {
      const path = inCacheFolder(FILE, BYTES);
      assertMatch(path, /\/ilastik-headless\/[0-9a-f]{16}\/libilh_kernels\./);
      assertEquals((Deno.statSync(path.replace(/\/[^/]*$/, "")).mode ?? 0) & 0o777, 0o700);
      const first = Deno.statSync(path);
      assertEquals(inCacheFolder(FILE, BYTES), path);
      assertEquals(Deno.statSync(path).mtime, first.mtime);
      Deno.truncateSync(path, 100);
      assertEquals(inCacheFolder(FILE, BYTES), path);
      assertEquals(Deno.readFileSync(path), BYTES);
      Deno.dlopen(path, {}).close();
    })
  );
});

Deno.test("inTemporaryFolder() gives a file that is gone when the process has ended", async () => {
  const code = `
    import { inTemporaryFolder } from ${JSON.stringify(new URL("../../ffi/unpack.ts", import.meta.url).href)};
    const path = inTemporaryFolder("x.so", new Uint8Array([1, 2, 3]));
    console.log(path, Deno.readFileSync(path).length);`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--no-lock", code],
    stdout: "piped",
  }).output();
  const [path = "", bytes] = new TextDecoder().decode(stdout).trim().split(" ");
  assertEquals(bytes, "3");
  assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
});

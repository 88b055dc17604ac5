import { assert, assertEquals, assertMatch } from "@std/assert";
import { diagnose, diagnosisText } from "../../lib/cli/commands/doctor.ts";
import { Messages } from "../../lib/cli/messages.ts";

const CONTEXT = {
  messages: new Messages({ quiet: true, verbose: false, debug: false }),
  commands: [],
  currentFolder: Deno.cwd(),
  homeFolder: undefined,
  signal: new AbortController().signal,
};

// Libraries are opened once for all tests, not inside one of them.
await diagnose(true, CONTEXT);
Deno.test("doctor names the versions of all libraries and finds nothing wrong on a good machine", async () => {
  const found = await diagnose(true, CONTEXT);
  const libraries = found.sections.find(({ title }) => title === "libraries")?.findings ?? [];
  assertEquals(libraries.map(({ name }) => name), [
    "HDF5",
    "libtiff",
    "libjpeg-turbo",
    "zlib",
    "libdeflate",
    "zstd",
    "liblzma",
    "c-blosc",
    "lz4",
    "kernels",
    "OpenBLAS",
  ]);
  for (const { name, value } of libraries) {
    assertMatch(value, name === "kernels" ? /scalar, portable/ : /\d+\.\d+/, name);
  }
  assert(found.ok, diagnosisText(found));
});

Deno.test("doctor tells a limit that cannot be read, and that something is wrong", async () => {
  const before = Deno.env.get("LAZYFLOW_THREADS");
  Deno.env.set("LAZYFLOW_THREADS", "many");
  try {
    const found = await diagnose(false, CONTEXT);
    assertEquals(found.ok, false);
    assertMatch(diagnosisText(found), /LAZYFLOW_THREADS must be a whole number, found `many` {2}<-- wrong/);
  } finally {
    if (before === undefined) Deno.env.delete("LAZYFLOW_THREADS");
    else Deno.env.set("LAZYFLOW_THREADS", before);
  }
});

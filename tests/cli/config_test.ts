import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/array/mod.ts";
import { type ConfigSystem, parseIni, readConfig } from "../../lib/cli/config.ts";
import { effectiveSettings } from "../../lib/cli/origins.ts";
import { findResources } from "../../lib/cli/resources.ts";

function system(files: Record<string, string>, env: Record<string, string> = {}, os = "linux"): ConfigSystem {
  return { os, env: (name) => ({ HOME: "/home/me", ...env })[name], text: (path) => files[path] };
}

Deno.test("readConfig() looks where ilastik looks, ~/.ilastikrc first", () => {
  const ini = "[lazyflow]\nthreads = 3\n";
  const path = (files: string[], env = {}, os = "linux"): string | undefined =>
    readConfig(undefined, system(Object.fromEntries(files.map((file) => [file, ini])), env, os)).path;
  assertEquals(path(["/home/me/.ilastikrc", "/home/me/.config/ilastik/ilastik.ini"]), "/home/me/.ilastikrc");
  assertEquals(path(["/home/me/.config/ilastik/ilastik.ini"]), "/home/me/.config/ilastik/ilastik.ini");
  assertEquals(path(["/x/ilastik/ilastik.ini"], { XDG_CONFIG_HOME: "/x" }), "/x/ilastik/ilastik.ini");
  assertEquals(path(["/home/me/.config/ilastik/ilastik.ini"], { XDG_CONFIG_HOME: "/x" }), undefined);
  assertEquals(
    path(["/home/me/Library/Application Support/ilastik/ilastik.ini"], {}, "darwin"),
    "/home/me/Library/Application Support/ilastik/ilastik.ini",
  );
  assertEquals(path([]), undefined);
});

Deno.test("readConfig() takes the named file instead of the search, and misses it loudly", () => {
  const files = { "/home/me/.ilastikrc": "[ilastik]\ndebug = true\n", "/c.ini": "[ilastik]\noutput_format: png\n" };
  const config = readConfig("/c.ini", system(files));
  assertEquals([config.path, config.debug, [...config.options]], ["/c.ini", false, [["output_format", "png"]]]);
  const error = assertThrows(() => readConfig("/no.ini", system(files)), UserError);
  assertEquals([error.kind, error.message], ["usage", "configuration file not found: /no.ini"]);
});

Deno.test("readConfig() says which keys have no effect", () => {
  const config = readConfig("/c", system({ "/c": "[ilastik]\nplugin_directories = ~/p\n" }));
  assertEquals(config.warnings, ["/c: plugin_directories has no effect and is ignored"]);
});

Deno.test("parseIni() reads both separators, comments and values with separators inside", () => {
  const text =
    "; c\n# c\n[Ilastik]\nA = 1\r\nb: C:\\x\nc = {dataset_dir}/{nickname}_{x:04d}=1\n\n[lazyflow]\nthreads=-1\n";
  assertEquals([...parseIni(text, "f")], [
    ["ilastik.a", "1"],
    ["ilastik.b", "C:\\x"],
    ["ilastik.c", "{dataset_dir}/{nickname}_{x:04d}=1"],
    ["lazyflow.threads", "-1"],
  ]);
  assertThrows(() => parseIni("[a]\nnonsense\n", "f.ini"), UserError, "f.ini, line 2: cannot read `nonsense`");
});

Deno.test("threads and memory: option before environment before configuration before system", () => {
  const machine = (env: Record<string, string>) => ({
    env: (name: string) => env[name],
    cpus: () => 8,
    physicalMemory: () => 2 ** 34,
    text: () => undefined,
  });
  const config = { threads: "3", totalRamMb: "2000" };
  const found = (options: { threads?: string; memory?: string }, env: Record<string, string>, ini = config) => {
    const { threads, memory } = findResources(options, machine(env), ini);
    return [threads, memory / 2 ** 20];
  };
  const env = { LAZYFLOW_THREADS: "5", LAZYFLOW_TOTAL_RAM_MB: "3000" };
  assertEquals(found({ threads: "2", memory: "1000M" }, env), [2, 1000]);
  assertEquals(found({}, env), [5, 3000]);
  assertEquals(found({}, {}), [3, 2000]);
  assertEquals(found({}, {}, { threads: "-1", totalRamMb: "0" }), [8, 0.75 * 2 ** 14]);
  assertThrows(() => found({}, {}, { threads: "x", totalRamMb: "0" }), UserError, "threads of the configuration file");
});

Deno.test("effectiveSettings() tells where each setting comes from", () => {
  const config = { debug: false, options: new Map([["output_format", "png"]]), warnings: [] };
  const stored = {
    outputFormat: "tiff",
    exportDtype: "uint8",
    ranges: { input: [0, 1], output: [0, 255] },
    region: { start: [undefined, 4, 0], stop: [40, undefined, 1] },
  } as const;
  const settings = effectiveSettings(new Map([["export_source", "x"]]), config, stored, ["Probabilities"]);
  assertEquals(settings["export_source"], { value: "Probabilities", origin: "command line" });
  assertEquals(settings["output_format"], { value: "png", origin: "config" });
  assertEquals(settings["export_dtype"], { value: "uint8", origin: "project" });
  assertEquals(settings["export_drange"], { value: "(0,255)", origin: "project" });
  assertEquals(settings["cutout_subregion"], { value: "[(None,4,0),(40,None,1)]", origin: "project" });
  assertEquals(settings["output_internal_path"], { value: "exported_data", origin: "default" });
  assertEquals(settings["output_axis_order"], { value: null, origin: "default" });
  const given = effectiveSettings(new Map([["pipeline_result_drange", "(0,2)"]]), config, stored, ["Probabilities"]);
  assertEquals(given["export_drange"], { value: null, origin: "default" });
});

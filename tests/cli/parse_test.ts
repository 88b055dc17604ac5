import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/array/mod.ts";
import { parseArguments } from "../../lib/cli/parse.ts";
import { OPTIONS } from "../../lib/cli/options.ts";

function options(...words: string[]): Record<string, string> {
  return Object.fromEntries(parseArguments(words, false).options);
}

Deno.test("parseArguments() takes a value behind = or in the next word, and - like _ in names", () => {
  for (
    const words of [["--output_format=png"], ["--output_format", "png"], ["--output-format=png"], [
      "--output-format",
      "png",
    ]]
  ) {
    assertEquals(options(...words), { output_format: "png" });
  }
});

Deno.test("parseArguments() keeps blanks, = and - inside values", () => {
  assertEquals(options("--export_source=Simple Segmentation"), { export_source: "Simple Segmentation" });
  assertEquals(options("--output_filename_format=a=b-c.h5"), { output_filename_format: "a=b-c.h5" });
  assertEquals(options("--cutout_subregion=[(0, 0), (1, 2)]"), { cutout_subregion: "[(0, 0), (1, 2)]" });
});

Deno.test("parseArguments() accepts unambiguous prefixes, by group when several fit", () => {
  assertEquals(options("--export_s=Labels", "--output_file=x"), {
    export_source: "Labels",
    output_filename_format: "x",
  });
  assertEquals(options("--proj=p.ilp", "--head"), { project: "p.ilp", headless: "true" });
  // `--p` fits project (launcher) before pipeline_result_drange (export) and prediction_mask (input), but also process_name
  assertThrows(() => options("--p=x"), UserError, "--project, --process_name");
});

Deno.test("parseArguments() refuses unknown options with the nearest name and never takes them for files", () => {
  const error = assertThrows(() => parseArguments(["--export_sorce=Probabilities", "a.png"], false), UserError);
  assertEquals([error.kind, error.message, error.hint], [
    "usage",
    "unknown option --export_sorce",
    "did you mean --export_source?",
  ]);
  assertThrows(() => parseArguments(["-export_dtype=uint16"], false), UserError, "unknown option -export_dtype");
  assertThrows(() => parseArguments(["--unknown=/x y", "a.png"], false), UserError, "--unknown");
});

Deno.test("parseArguments() in compat mode ignores unknown options with one warning", () => {
  const request = parseArguments(["--no_such=3", "a.png", "-export_dtype=uint16"], true);
  assertEquals(request.files, ["a.png"]);
  assertEquals(request.warnings, ["unused command-line args: --no_such=3 -export_dtype=uint16"]);
});

Deno.test("--readonly takes only a boolean word as its value", () => {
  assertEquals(options("--readonly"), { readonly: "true" });
  for (const word of ["1", "yes", "TRUE", "on"]) assertEquals(options("--readonly", word), { readonly: "true" });
  for (const word of ["0", "no", "False", "off"]) assertEquals(options(`--readonly=${word}`), { readonly: "false" });
  const request = parseArguments(["--readonly", "a.png"], false);
  assertEquals([request.options.get("readonly"), request.files], ["true", ["a.png"]]);
  assertEquals(options("--readonly", "--export_source", "Labels"), { readonly: "true", export_source: "Labels" });
  assertThrows(() => options("--readonly=a.png"), UserError, "invalid value `a.png` for --readonly");
});

Deno.test("plain words are files of the first role wherever they stand", () => {
  const request = parseArguments([
    "a.png",
    "--output_format=png",
    "b.png",
    "--input_axes=yxc",
    "c.png",
    "--",
    "--d.png",
  ], false);
  assertEquals(request.files, ["a.png", "b.png", "c.png", "--d.png"]);
});

Deno.test("in compat mode files behind an input option are dropped with a warning", () => {
  const request = parseArguments(["a.png", "--input_axes=yxc", "b.png"], true);
  assertEquals([request.files, request.warnings], [["a.png"], ["unused command-line args: b.png"]]);
});

Deno.test("a role flag owns the words up to the next input option, whatever other options stand between", () => {
  const request = parseArguments(
    ["--raw_data", "a", "--output_format=png", "b", "--prediction_mask", "m", "n"],
    false,
  );
  assertEquals(Object.fromEntries(request.roles), { raw_data: ["a", "b"], prediction_mask: ["m", "n"] });
});

Deno.test("a repeated role flag adds files, in compat mode it replaces them", () => {
  const words = ["--raw_data", "a", "--raw_data", "b"];
  assertEquals(parseArguments(words, false).roles.get("raw_data"), ["a", "b"]);
  assertEquals(parseArguments(words, true).roles.get("raw_data"), ["b"]);
});

Deno.test("in compat mode plain files behind a role flag are refused, as the original does", () => {
  assertThrows(() => parseArguments(["--raw_data", "a", "--", "b"], true), UserError, "both by --raw_data");
  assertEquals(parseArguments(["a", "--raw_data", "b"], true).files, ["a"]);
});

Deno.test("A9: the last of two different values counts, with a warning", () => {
  const request = parseArguments(["--output_format=png", "--output_format=hdf5"], false);
  assertEquals(request.options.get("output_format"), "hdf5");
  assertEquals(request.warnings.length, 1);
  assertEquals(parseArguments(["--output_format=png", "--output_format=png"], false).warnings, []);
});

Deno.test("flags take no value, options need one, empty inputs are refused", () => {
  assertThrows(() => options("--debug=1"), UserError, "--debug takes no value");
  assertThrows(() => options("--project"), UserError, "--project needs a value");
  assertThrows(() => options("--project", "--headless"), UserError, "--project needs a value");
  assertThrows(() => options("--raw_data"), UserError, "--raw_data needs at least one file");
  assertThrows(() => options(""), UserError, "empty string");
});

Deno.test("options that callers still pass but that mean nothing here are ignored with a warning", () => {
  const request = parseArguments(["--preconvert_stacks", "--sys_tmp_dir=/t", "a.png"], false);
  assertEquals(request.files, ["a.png"]);
  assertEquals(request.warnings, [
    "--preconvert_stacks has no effect and is ignored",
    "--sys_tmp_dir has no effect and is ignored",
  ]);
});

Deno.test("the option table has unique names in the original's spelling", () => {
  const names = OPTIONS.flatMap((row) => [row.name, ...(row.aliases ?? [])]);
  assertEquals(new Set(names).size, names.length);
  for (const name of names) assertEquals(/^[a-z][a-z0-9_]*$/.test(name), true, name);
});

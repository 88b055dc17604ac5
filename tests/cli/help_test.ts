import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UserError } from "../../lib/array/mod.ts";
import { COMMANDS, findCommand } from "../../lib/cli/commands/mod.ts";
import { helpText, helpTopicNames, topicText } from "../../lib/cli/help.ts";
import { escapeRoff, toText, WIDTH, wrap } from "../../lib/cli/help_document.ts";
import { PLACEHOLDERS, TOPICS } from "../../lib/cli/help_topics.ts";
import { manPage } from "../../lib/cli/man.ts";
import { OPTIONS } from "../../lib/cli/options.ts";
import { placeholderValues } from "../../lib/outputs/names.ts";
import { FORMATS } from "../../lib/outputs/mod.ts";
import { WORKFLOWS } from "../../lib/workflows/mod.ts";

Deno.test("the help lists every option that has an effect, every sub-command and every topic", () => {
  const text = helpText(COMMANDS);
  for (const { name, help } of OPTIONS) {
    if (help !== undefined) assertMatch(text, new RegExp(`^  --${name}\\b`, "m"), name);
  }
  for (const name of helpTopicNames(COMMANDS)) assertMatch(text, new RegExp(`^  ${name}\\b`, "m"), name);
});

Deno.test("no line of any help is wider than the width, unless a single word is", () => {
  const texts = [
    helpText(COMMANDS),
    ...[...helpTopicNames(COMMANDS), ...OPTIONS.map(({ name }) => name)]
      .map((name) => topicText(name, COMMANDS)),
  ];
  const wide = texts.flatMap((text) => text.split("\n")).filter((line) =>
    line.length > WIDTH && !/^(Usage|Topics|Example|Sub-commands)/.test(line)
  );
  assertEquals(wide, []);
});

Deno.test("every option has a help of its own, with or without dashes, with `-` or `_`", () => {
  for (const { name } of OPTIONS) {
    assert(topicText(`--${name}`, COMMANDS).startsWith(`  --${name}`), name);
  }
  assertEquals(topicText("output-format", COMMANDS), topicText("--output_format", COMMANDS));
});

Deno.test("an unknown topic is an error that names the nearest one", () => {
  const error = assertThrows(() => topicText("formts", COMMANDS), UserError);
  assertEquals([error.kind, error.message], ["usage", "there is no help on `formts`"]);
  assertMatch(error.hint ?? "", /^did you mean `formats`\? topics: formats, export_source,/);
});

Deno.test("the topic of names lists exactly the placeholders that are filled in", () => {
  const known = Object.keys(placeholderValues({
    nickname: "n",
    datasetDir: "/d",
    resultType: "r",
    internalAxes: ["t", "z", "y", "x", "c"],
    outputAxes: ["t", "z", "y", "x", "c"],
    region: { start: [0, 0, 0, 0, 0], stop: [1, 1, 1, 1, 1] },
    channel: "a",
  }));
  const documented = PLACEHOLDERS.flatMap(([names]) => names.split(" ")).map((name) => name.slice(1, -1));
  const axes = ["t", "z", "y", "c"].flatMap((axis) => [`${axis}_start`, `${axis}_stop`]);
  assertEquals([...documented, ...axes].sort(), [...known, "slice_index"].sort());
});

Deno.test("the topics of formats and export sources list all of them", () => {
  const formats = topicText("formats", COMMANDS);
  for (const { name } of FORMATS) assert(formats.replaceAll(/\s+/g, " ").includes(name), name);
  const sources = topicText("export_source", COMMANDS).replaceAll(/\s+/g, " ");
  for (const name of WORKFLOWS.flatMap(({ exportSources }) => exportSources)) assert(sources.includes(name), name);
});

Deno.test("a first word is a sub-command unless a project is given, in any spelling", () => {
  assertEquals(findCommand(["inspect", "p.ilp"])?.name, "inspect");
  for (const option of ["--project=p.ilp", "--proj", "--new-project=p", "--new_project"]) {
    assertEquals(findCommand(["inspect", option, "p.ilp"]), undefined, option);
  }
  assertEquals(findCommand(["inspect", "--progress=none"])?.name, "inspect");
  assertEquals(findCommand(["--headless", "inspect"]), undefined);
});

Deno.test("wrapped text keeps every word and stays inside the width", () => {
  const words = Array.from({ length: 60 }, (_, i) => "w".repeat(1 + i % 9));
  const lines = wrap(words.join(" "), 30);
  assertEquals(lines.join(" "), words.join(" "));
  assert(lines.every((line) => line.length <= 30));
  assertEquals(toText(["a b", { rows: [["t", "x"], ["long", "y"]] }]), "a b\n\n  t     x\n  long  y");
});

Deno.test("roff gets no requests or escapes out of texts", () => {
  assertEquals(escapeRoff(".a -b\n'c \\d"), "\\&.a \\-b\n\\&'c \\(rsd");
});

Deno.test("the man page has every option, sub-command and topic", () => {
  const page = manPage(COMMANDS);
  for (const { name } of OPTIONS) assert(page.includes(`.B \\-\\-${name}`), name);
  for (const { name } of COMMANDS) assert(page.includes(`.SS ${escapeRoff(name)}\n`), name);
  for (const { name } of TOPICS) assert(page.includes(`.SH ${name.toUpperCase().replaceAll("_", " ")}\n`), name);
});

Deno.test({
  name: "groff formats the man page without a warning",
  ignore: !await isInstalled("groff"),
  fn: async () => {
    const child = new Deno.Command("groff", {
      args: ["-ww", "-man", "-Tutf8", "-Kutf8", "-z"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${manPage(COMMANDS)}\n`));
    await writer.close();
    const { code, stderr } = await child.output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  },
});

/** Whether a program can be started. */
async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

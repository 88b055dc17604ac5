/**
 * House rule: everything that a file exports has a documentation comment, and so has every method of an exported class.
 * Started by `scripts/test`; arguments are the files.
 *
 * @module
 */

/** The parts of `deno doc --json` that are looked at. */
interface DocNode {
  readonly name: string;
  readonly kind: string;
  readonly declarationKind: string;
  readonly location: { readonly filename: string; readonly line: number };
  readonly jsDoc?: { readonly doc?: string };
  readonly classDef?: { readonly methods: readonly (Omit<DocNode, "declarationKind"> & { accessibility?: string })[] };
}

/** Kinds of nodes that are no declarations of their own; what is only handed on is documented where it is made. */
const NO_DECLARATION = ["moduleDoc", "import", "reference"];

/** Names and places of what lacks a comment. */
function undocumented(nodes: readonly DocNode[]): string[] {
  const exported = nodes.filter(({ kind, declarationKind }) =>
    declarationKind === "export" && !NO_DECLARATION.includes(kind)
  );
  const methods = exported.flatMap(({ name, classDef }) =>
    (classDef?.methods ?? [])
      .filter((method) => method.accessibility !== "private" && !method.name.startsWith("["))
      .map((method) => ({ ...method, name: `${name}.${method.name}` }))
  );
  return [...exported, ...methods]
    .filter(({ jsDoc }) => !jsDoc?.doc)
    .map(({ name, location }) => `${location.filename.replace(/^file:\/\//, "")}:${location.line} ${name}`);
}

const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--json", "--quiet", ...Deno.args],
}).output();
if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as { nodes: DocNode[] };
const missing = [...new Set(undocumented(nodes))];
for (const line of missing) {
  Deno.stderr.writeSync(new TextEncoder().encode(`no documentation comment: ${line}\n`));
}
if (missing.length > 0) Deno.exit(1);

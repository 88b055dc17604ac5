/**
 * Elements, attributes and text of an XML document, as much as OME metadata need. Declarations, processing instructions
 * and comments are skipped; no entity but the five of XML and character numbers is known, nothing is ever fetched.
 *
 * @module
 */

/** An element. */
export interface XmlElement {
  /** Without the prefix of a namespace. */
  readonly name: string;
  /** Attributes by name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements inside, in order. */
  readonly children: readonly XmlElement[];
  /** The text directly inside. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Open[];
  text: string;
}

const TOKEN =
  /<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<[?!][^>]*>|<\/\s*([^\s>]+)\s*>|<([^\s/>]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>|([^<]+)/g;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Reads a document; `undefined` when its elements are not nested properly. */
export function parseXml(document: string): XmlElement | undefined {
  const root: Open = { name: "", attributes: {}, children: [], text: "" };
  const stack = [root];
  for (const [, data, closing, opening, attributes, single, text] of document.matchAll(TOKEN)) {
    const top = stack.at(-1) as Open;
    if (data !== undefined) top.text += data;
    if (text !== undefined) top.text += decodeEntities(text);
    if (closing !== undefined) {
      if (stack.length === 1 || top.name !== local(closing)) return undefined;
      stack.pop();
    }
    if (opening !== undefined) {
      const element: Open = {
        name: local(opening),
        attributes: readAttributes(attributes ?? ""),
        children: [],
        text: "",
      };
      top.children.push(element);
      if (single !== "/") stack.push(element);
    }
  }
  return stack.length === 1 ? root.children[0] : undefined;
}

/** The children of a name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

function readAttributes(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(ATTRIBUTE)].map((
      [, name = "", double, simple],
    ) => [local(name), decodeEntities(double ?? simple ?? "")]),
  );
}

function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/**
 * `slim PROJECT`: a copy for sharing.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { format as formatBytes } from "@std/fmt/bytes";
import { UserError } from "../../array/mod.ts";
import { slimProject } from "../../project/mod.ts";
import type { Command } from "./command.ts";
import { absolutePath } from "../paths.ts";

/** The sub-command. */
export const SLIM: Command = {
  name: "slim",
  usage: "PROJECT [-o FILE] [--force]",
  summary: "Copy a project without labels, pixels, caches and folder names; the copy predicts the same numbers.",
  details: [
    "Left out: labels, images inside the project, cached results of training images. File names of training images are " +
    "kept without their folders, and a stored output name in an absolute folder becomes one beside the input. Features, " +
    "classifiers, class names and colours, and all other settings stay as they are.",
    "The copy is NAME-slim.ilp beside the project unless -o says otherwise. It cannot be trained further. Projects that " +
    "need their labels to predict (without classifier, Cell Density Counting) are refused. The copy of a project that is " +
    "cut off is whole, if nothing but what is left out anyway is lost.",
    "stdout holds the path of the copy.",
  ],
  options: [
    {
      name: "output",
      letter: "o",
      group: "ours",
      value: "one",
      placeholder: "FILE",
      help: "Name of the copy.",
    },
    { name: "force", letter: "f", group: "ours", value: "none", help: "Replace a file that has this name." },
  ],
  words: [1, 1],
  async run({ options, words: [word = ""] }, context) {
    const { messages } = context;
    const path = absolutePath(word, context);
    const target = absolutePath(
      options.get("output") ?? join(dirname(path), `${basename(path, ".ilp")}-slim.ilp`),
      context,
    );
    if (target === path) {
      throw new UserError("usage", "the copy would replace the project itself", { hint: "change -o" });
    }
    if (!options.has("force") && await exists(target)) {
      throw new UserError("output", `${target} exists`, { hint: "give another name with -o, or add --force" });
    }
    const { emptied, renamed, damage, bytesBefore, bytesAfter } = await slimProject(path, target);
    if (damage !== undefined) messages.warning(damage);
    for (const group of emptied) messages.info(`left out: ${group}`);
    for (const { path: place, from, to } of renamed) messages.info(`${place}: \`${from}\` became \`${to}\``);
    messages.info(`${bytes(bytesBefore)} became ${bytes(bytesAfter)}`);
    messages.output(target);
    return 0;
  },
};

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function bytes(count: number): string {
  return formatBytes(count, { binary: true, maximumFractionDigits: 1 });
}

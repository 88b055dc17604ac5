import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { inFolder } from "../program/program.ts";
import { PendingPath } from "../../lib/outputs/pending.ts";

async function tree(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    found.push(name, ...isDirectory ? (await tree(join(folder, name))).map((below) => `${name}/${below}`) : []);
  }
  return found.filter((name) => !/\.tmp$/.test(name)).sort();
}

Deno.test("folders of an output that fails go away, but not from under another one", () =>
  inFolder(async (folder) => {
    const [first, second] = [join(folder, "a/b/1"), join(folder, "a/b/2")];
    const [failing, other] = await Promise.all([PendingPath.create(first), PendingPath.create(second)]);
    await failing.abort();
    await failing.abort();
    assertEquals(await tree(folder), ["a", "a/b"]);
    await other.abort();
    assertEquals(await tree(folder), []);
  }));

Deno.test("folders stay when one of their outputs is complete, and those that were there before", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "old"));
    const pending = await Promise.all(
      ["old/1", "new/1", "new/2"].map((name) => PendingPath.create(join(folder, name))),
    );
    const [old, complete, failing] = pending as [PendingPath, PendingPath, PendingPath];
    await Deno.writeTextFile(complete.temporary, "");
    await complete.commit();
    await failing.abort();
    await old.abort();
    assertEquals(await tree(folder), ["new", "new/1", "old"]);
  }));

Deno.test("a folder that is made while another output fails is there", () =>
  inFolder(async (folder) => {
    for (let i = 0; i < 50; i++) {
      const failing = await PendingPath.create(join(folder, `deep/${i}/a`));
      const [next] = await Promise.all([PendingPath.create(join(folder, `deep/${i}/b`)), failing.abort()]);
      await Deno.writeTextFile(next.temporary, "");
      await next.commit();
    }
    assertEquals((await tree(join(folder, "deep"))).length, 100);
  }));

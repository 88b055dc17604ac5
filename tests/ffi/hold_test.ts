import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const ignore = Deno.build.os !== "linux";

async function aliveAfterCollection(way: string): Promise<string> {
  const probe = fromFileUrl(new URL("./hold_probe.ts", import.meta.url));
  const args = ["run", "--allow-all", "--no-check", "--cached-only", "--v8-flags=--expose-gc", probe, way];
  return new TextDecoder().decode((await new Deno.Command(Deno.execPath(), { args }).output()).stdout);
}

Deno.test({
  name: "arguments of calls on other threads survive garbage collections until the call ends",
  ignore,
  fn: async () => assertEquals(await aliveAfterCollection("held"), "3"),
});

Deno.test({
  name: "Deno itself does not hold them, so holding is needed",
  ignore,
  fn: async () => assertEquals(await aliveAfterCollection("plain"), "0"),
});

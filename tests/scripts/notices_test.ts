import { assertEquals } from "@std/assert";

const read = (file: string): string => Deno.readTextFileSync(new URL(`../../${file}`, import.meta.url));

Deno.test("THIRD_PARTY_NOTICES.md names every npm package of the lock file in its version", () => {
  const { npm } = JSON.parse(read("deno.lock")) as { npm: Record<string, unknown> };
  const notices = read("THIRD_PARTY_NOTICES.md");
  const missing = Object.keys(npm)
    .map((key) => key.replace(/^(.+)@([^@_]+).*$/, "$1 $2"))
    .filter((entry) => !notices.includes(`\n## ${entry} (npm)\n`));
  assertEquals(missing, [], "run scripts/notices");
});

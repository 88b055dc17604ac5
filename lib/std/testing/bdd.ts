/** `describe` and `it` over `Deno.test`: the two names of `@std/testing/bdd` that our tests use. */

/** A test function; may be asynchronous. */
export type TestBody = () => void | Promise<void>;

/** Names of the groups around the test that is being registered. */
const groups: string[] = [];

/**
 * Groups tests: every `it` called inside gets the group's name in front of its own.
 *
 * @param name name of the group
 * @param body registers the tests; synchronous
 */
export function describe(name: string, body: () => void): void {
  groups.push(name);
  try {
    body();
  } finally {
    groups.pop();
  }
}

function register(name: string, body: TestBody, ignore: boolean): void {
  Deno.test({ name: [...groups, name].join(" ... "), ignore, fn: async () => await body() });
}

/**
 * Registers one test.
 *
 * @param name what is proved, as a sentence
 * @param body the test
 */
export const it: { (name: string, body: TestBody): void; ignore(name: string, body: TestBody): void } = Object.assign(
  (name: string, body: TestBody): void => register(name, body, false),
  { ignore: (name: string, body: TestBody): void => register(name, body, true) },
);

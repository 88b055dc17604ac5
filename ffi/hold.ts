/**
 * Keeps the arguments of calls on other threads from being collected.
 *
 * Deno hands the address of an array to a `nonblocking` call but does not hold the array itself. A caller's variable is no
 * reference either once the engine sees that it is not used any more, so an array that is made for a call may be
 * collected, and its memory given to somebody else, while C still works on it.
 *
 * @module
 */

const held = new Set<readonly unknown[]>();

/** The library with every `nonblocking` function holding its arguments until it ends. */
export function holdingArguments<S extends Deno.ForeignLibraryInterface>(
  library: Deno.DynamicLibrary<S>,
  symbols: S,
): Deno.DynamicLibrary<S> {
  const functions = { ...library.symbols } as Record<string, unknown>;
  for (const [name, symbol] of Object.entries(symbols)) {
    const call = functions[name];
    if (!("nonblocking" in symbol) || symbol.nonblocking !== true || typeof call !== "function") continue;
    functions[name] = async (...args: readonly unknown[]): Promise<unknown> => {
      held.add(args);
      try {
        return await call(...args);
      } finally {
        held.delete(args);
      }
    };
  }
  return { symbols: functions as Deno.DynamicLibrary<S>["symbols"], close: () => library.close() };
}

/**
 * Run by hold_test.ts with `--v8-flags=--expose-gc`: prints how many arguments of sleeping calls outlive a collection.
 *
 * @module
 */
import { holdingArguments } from "../../ffi/hold.ts";

const SYMBOLS = { nanosleep: { parameters: ["buffer", "buffer"], result: "i32", nonblocking: true } } as const;
const plain = Deno.dlopen("libc.so.6", SYMBOLS);
const library = Deno.args[0] === "plain" ? plain : holdingArguments(plain, SYMBOLS);
const collect = (globalThis as unknown as { gc: () => void }).gc;

const arguments_: WeakRef<ArrayBuffer>[] = [];
function sleep(): Promise<number> {
  const time = new BigInt64Array([0n, 300_000_000n]);
  arguments_.push(new WeakRef(time.buffer));
  return library.symbols.nanosleep(new Uint8Array(time.buffer), null);
}

const calls = [sleep(), sleep(), sleep()];
for (let i = 0; i < 2; i++) {
  await new Promise((resolve) => setTimeout(resolve, 30));
  collect();
}
const alive = arguments_.filter((buffer) => buffer.deref() !== undefined).length;
await Promise.all(calls);
await Deno.stdout.write(new TextEncoder().encode(String(alive)));

import { assertEquals } from "@std/assert";
import { duration, progressText } from "../../lib/cli/progress.ts";

Deno.test("B14: progress is the share that is done, the rate and the time that is left", () => {
  assertEquals(progressText("2 of 10 a.png", 0.25, 8e6, 4), "2 of 10 a.png: 25 %, 0.50 Mpixel/s, 12 s left");
  assertEquals(progressText("a.h5", 0.999, 1e9, 999), "a.h5: 99 %, 1.0 Mpixel/s, 1.0 s left");
  assertEquals(progressText("a.h5", 0, 1e9, 5), "a.h5: 0 %, 0.0 Mpixel/s");
});

Deno.test("B14: times are in the units that one thinks in", () => {
  const cases: Readonly<Record<string, number>> = {
    "0.1 s": 0,
    "4.2 s": 4.2,
    "59 s": 59,
    "1 min 01 s": 61,
    "1 h 05 min": 3900,
  };
  for (const [text, seconds] of Object.entries(cases)) assertEquals(duration(seconds), text);
});

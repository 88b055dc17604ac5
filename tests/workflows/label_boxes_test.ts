import { assert, assertEquals } from "@std/assert";
import { type Region, regionShape, regionVolume } from "../../lib/array/mod.ts";
import { labelBoxes } from "../../lib/workflows/pixel_classification/label_boxes.ts";

/** Labels in a volume: its corners, a line, and scattered pixels (a generator with a fixed start). */
function positions(): [number, number, number, number][] {
  const list: [number, number, number, number][] = [[0, 0, 0, 0], [0, 63, 255, 255], [1, 0, 0, 0], [0, 64, 256, 256]];
  let state = 5;
  const below = (n: number) => (state = (state * 48271) % 2147483647) % n;
  for (let i = 0; i < 200; i++) list.push([0, 30, 17, i]);
  for (let i = 0; i < 500; i++) list.push([below(2), below(90), below(300), below(400)]);
  return list;
}

for (const most of [Infinity, 100_000, 1000, 1, 0]) {
  Deno.test(`boxes of at most ${most} pixels hold every label once`, () => {
    const all = positions();
    const lane = { lane: 0, positions: all, labels: new Uint8Array(all.length).fill(1) };
    const pixels = (region: Region) => regionVolume(region) / 5;
    const boxes = labelBoxes(lane, 5, (region) => pixels(region) <= most);
    assertEquals(boxes.flatMap(({ members }) => members).sort((a, b) => a - b), all.map((_, i) => i));
    for (const { region, members } of boxes) {
      const [t, z, y, x, c] = regionShape(region);
      assert(t === 1 && z <= 64 && y <= 256 && x <= 256 && c === 5);
      assert(pixels(region) <= most || pixels(region) === 1);
      for (const i of members) {
        assert(all[i]?.every((value, axis) => value >= (region.start[axis] ?? 0) && value < (region.stop[axis] ?? 0)));
      }
    }
  });
}

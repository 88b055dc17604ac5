/**
 * The prediction mask (pixel-classification.md §3.4).
 *
 * @module
 */
import {
  type ArraySource,
  createArray,
  type NdArray,
  type Region,
  regionShape,
  UserError,
  withAxis,
} from "../../array/mod.ts";
import { sizes } from "./check_input.ts";

/**
 * Checks that a mask covers the image.
 *
 * @throws {UserError} kind `input` with both shapes
 */
export function checkMask(mask: ArraySource, input: ArraySource): void {
  if ([0, 1, 2, 3].every((i) => mask.shape[i] === input.shape[i])) return;
  throw new UserError(
    "input",
    `the prediction mask has other sizes (${sizes(mask)}) than the image (${sizes(input)})`,
    {
      hint: "only the channels may differ",
    },
  );
}

/** uint8 of a region, one channel: 1 where any channel of the mask is greater than 0. */
export async function predictionMask(mask: ArraySource, region: Region, signal?: AbortSignal): Promise<NdArray> {
  const channels = mask.shape[4];
  const values = await mask.read(withAxis(region, "c", 0, channels), signal);
  const [t, z, y, x] = regionShape(region);
  const wanted = createArray("uint8", [t, z, y, x, 1]);
  const [st, sz, sy, sx, sc] = values.strides;
  let i = 0;
  for (let it = 0; it < t; it++) {
    for (let iz = 0; iz < z; iz++) {
      for (let iy = 0; iy < y; iy++) {
        const row = values.offset + it * st + iz * sz + iy * sy;
        for (let ix = 0; ix < x; ix++, i++) {
          for (let c = 0; c < channels; c++) {
            if ((values.data[row + ix * sx + c * sc] as number | bigint) > 0) wanted.data[i] = 1;
          }
        }
      }
    }
  }
  return wanted;
}

/**
 * Sources that are read for several results at once.
 *
 * @module
 */
import { type ArraySource, type NdArray, type Region, regionShape, subArray, withAxis } from "../array/mod.ts";

/** Channels from the first to before the last. */
export type ChannelRange = readonly [start: number, stop: number];

/**
 * The same source for `readers` results that are read together, region by region: all of them share one computation.
 * Each bears its part of the cost, so that the sum over all of them is right.
 *
 * Reads that come while the same pixels are being computed join in, whatever channels they want; nothing is kept
 * afterwards. What comes back is shared: readers must not change it.
 *
 * @param channels what is computed for all of them; no reader may want more
 */
export function joined(
  source: ArraySource,
  readers: number,
  channels: ChannelRange = [0, source.shape[4]],
): ArraySource {
  const running = new Map<string, Promise<NdArray>>();
  const { cost } = source;
  const [first, last] = channels;
  const together = (region: Region) => withAxis(region, "c", first, last);
  return {
    ...source,
    ...(cost === undefined ? {} : {
      cost: {
        bytes: (region) => cost.bytes(together(region)) / readers,
        work: (region) => cost.work(together(region)) / readers,
      },
    }),
    async read(region: Region, signal?: AbortSignal): Promise<NdArray> {
      const whole = together(region);
      const key = `${whole.start} ${whole.stop}`;
      let read = running.get(key);
      if (read === undefined) {
        read = source.read(whole, signal).finally(() => running.delete(key));
        running.set(key, read);
      }
      const block = await read;
      if (region.start[4] === first && region.stop[4] === last) return block;
      const [t, z, y, x] = regionShape(region);
      return subArray(block, {
        start: [0, 0, 0, 0, region.start[4] - first],
        stop: [t, z, y, x, region.stop[4] - first],
      });
    },
  };
}

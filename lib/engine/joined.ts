/**
 * Sources that are read for several results at once.
 *
 * @module
 */
import { type ArraySource, type NdArray, type Region, regionShape, subArray, withAxis } from "../array/mod.ts";

/**
 * The same source for `readers` results that are read together, region by region: all of them share one computation.
 * Each bears its part of the cost, so that the sum over all of them is right.
 *
 * Reads that come while the same pixels are being computed join in, whatever channels they want; nothing is kept
 * afterwards. What comes back is shared: readers must not change it.
 */
export function joined(source: ArraySource, readers: number): ArraySource {
  const running = new Map<string, Promise<NdArray>>();
  const { cost } = source;
  const channels = source.shape[4];
  return {
    ...source,
    ...(cost === undefined ? {} : {
      cost: { bytes: (region) => cost.bytes(region) / readers, work: (region) => cost.work(region) / readers },
    }),
    async read(region: Region, signal?: AbortSignal): Promise<NdArray> {
      const whole = withAxis(region, "c", 0, channels);
      const key = `${whole.start} ${whole.stop}`;
      let read = running.get(key);
      if (read === undefined) {
        read = source.read(whole, signal).finally(() => running.delete(key));
        running.set(key, read);
      }
      const block = await read;
      if (region.start[4] === 0 && region.stop[4] === channels) return block;
      const [t, z, y, x] = regionShape(region);
      return subArray(block, { start: [0, 0, 0, 0, region.start[4]], stop: [t, z, y, x, region.stop[4]] });
    },
  };
}

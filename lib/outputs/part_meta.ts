/**
 * What is known of a part of an image.
 *
 * @module
 */
import { along, CANONICAL, type Five, type Region, type SourceMeta } from "../array/mod.ts";

/**
 * Position, channel names and channel colours of a part; the rest is that of the whole.
 *
 * @param shape sizes of the whole
 * @param region the part
 */
export function partMeta(meta: SourceMeta, shape: Five, region: Region): SourceMeta {
  const { origin: whole, channelNames, classColors, pixelSize, ...rest } = meta;
  const [first, last] = [along(region.start, "c"), along(region.stop, "c")];
  const channels = along(shape, "c");
  // Colours of classes belong to channels only where those have the classes' names.
  const perChannel = channelNames?.length === channels && classColors?.length === channels;
  const origin = CANONICAL.filter((axis) => axis !== "c")
    .map((axis) => [axis, (whole?.[axis] ?? 0) + along(region.start, axis) * (pixelSize?.[axis] || 1)] as const)
    .filter(([, position]) => position !== 0);
  return {
    ...rest,
    ...(pixelSize === undefined ? {} : { pixelSize }),
    ...(origin.length === 0 ? {} : { origin: Object.fromEntries(origin) }),
    ...(channelNames === undefined ? {} : { channelNames: channelNames.slice(first, last) }),
    ...(classColors === undefined ? {} : { classColors: perChannel ? classColors.slice(first, last) : classColors }),
  };
}

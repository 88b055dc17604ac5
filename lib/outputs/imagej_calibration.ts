/**
 * Pixel sizes in the words of ImageJ: `key=value` lines in the description, pixels per unit in the resolution tags.
 *
 * @module
 */
import type { TiffNewPage, TiffRational } from "../../ffi/tiff.ts";
import type { ImageHeader } from "./image_format.ts";

/** No unit of TIFF: the one that the description names. */
const NAMED_UNIT = 1;

/** What a page says about its pixel sizes and position; nothing when the sizes of columns and rows are not known. */
export function imagejCalibration(
  { widthAxis, heightAxis, plan: { meta } }: ImageHeader,
): Pick<TiffNewPage, "description" | "resolution"> {
  if (widthAxis === undefined || heightAxis === undefined) return {};
  const [width = 0, height = 0] = [widthAxis, heightAxis].map((axis) => meta.pixelSize?.[axis]);
  if (!(width > 0 && height > 0)) return {};
  const [unit = "", heightUnit = ""] = [widthAxis, heightAxis].map((axis) => meta.units?.[axis]);
  // ImageJ counts in pixels where the position 0 lies.
  const zero = (axis: typeof widthAxis, size: number) => -(meta.origin?.[axis] ?? 0) / size;
  const [x, y] = [rational(1 / width), rational(1 / height)];
  if (x === undefined || y === undefined) return {};
  const lines: readonly (readonly [key: string, value: string | number, written: boolean])[] = [
    ["ImageJ", "1.11a", true],
    ["images", 1, true],
    ["unit", ascii(unit), unit !== ""],
    ["yunit", ascii(heightUnit), heightUnit !== unit],
    ["xorigin", zero(widthAxis, width), zero(widthAxis, width) !== 0],
    ["yorigin", zero(heightAxis, height), zero(heightAxis, height) !== 0],
  ];
  return {
    description: lines.filter(([, , written]) => written).map(([key, value]) => `${key}=${value}\n`).join(""),
    resolution: { unit: NAMED_UNIT, x, y },
  };
}

function ascii(text: string): string {
  return text.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`);
}

const MOST = 2 ** 32 - 1;
/** Largest relative error of a fraction. */
const GOOD = 1e-6;

/** The best fraction of two 32-bit numbers, by continued fractions; `undefined` for values that have no good one. */
function rational(value: number): TiffRational | undefined {
  let [before, now]: [TiffRational, TiffRational] = [[0, 1], [1, 0]];
  for (let rest = value;;) {
    const whole = Math.floor(rest);
    const next: TiffRational = [whole * now[0] + before[0], whole * now[1] + before[1]];
    if (next[0] > MOST || next[1] > MOST) return Math.abs(now[0] / now[1] / value - 1) < GOOD ? now : undefined;
    if (next[0] / next[1] === value) return next;
    [before, now] = [now, next];
    rest = 1 / (rest - whole);
  }
}

/**
 * The texts with which ilastik describes axes in HDF5, N5 and Zarr attributes (cli-and-io.md §5.7).
 *
 * @module
 */
import type { Axes, AxisKey, SourceMeta } from "../array/mod.ts";

/** vigra's axis types: 1 channels, 2 space, 8 time. */
const TYPE_FLAGS: Readonly<Record<AxisKey, number>> = { c: 1, x: 2, y: 2, z: 2, t: 8 };

/** The `axistags` attribute: JSON in exactly the layout that ilastik writes. */
export function axistagsText(axes: Axes, pixelSize: SourceMeta["pixelSize"] = {}): string {
  const entries = axes.map((key) =>
    [
      "    {",
      `      "key": "${key}",`,
      `      "typeFlags": ${TYPE_FLAGS[key]},`,
      `      "resolution": ${seventeenDigits(pixelSize[key] ?? 0)},`,
      `      "description": ""`,
      "    }",
    ].join("\n")
  );
  return `{\n  "axes": [\n${entries.join(",\n")}\n  ]\n}`;
}

/** The `axis_units` attribute, in the order of the source's axes; `undefined` when no pixel size is known. */
export function axisUnitsText(meta: SourceMeta): string | undefined {
  const units = Object.entries(meta.units ?? {});
  if (units.length === 0) return undefined;
  return `{${units.map(([axis, unit]) => `${pythonJson(axis)}: ${pythonJson(unit)}`).join(", ")}}`;
}

/** A string as Python's `json.dumps` writes it: ASCII only. */
function pythonJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** `%.17g` of C. */
export function seventeenDigits(value: number): string {
  if (value === 0) return "0";
  const exponent = Number(value.toExponential(16).split("e")[1]);
  const trim = (text: string) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  if (exponent >= -4 && exponent < 17) return trim(value.toFixed(16 - exponent));
  const [mantissa = "", power = ""] = value.toExponential(16).split("e");
  return `${trim(mantissa)}e${power.replace(/^([-+])(\d)$/, "$10$2")}`;
}

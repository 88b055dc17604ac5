/**
 * Units of pixel sizes: as users and files write them, as OME-XML and as OME-NGFF name them.
 *
 * @module
 */

/** A unit in the words of the formats. */
export interface Unit {
  /** Symbol of OME-XML. */
  readonly symbol: string;
  /** Name of OME-NGFF (UDUNITS-2); none for pixels. */
  readonly name?: string;
}

/** Each unit and how it is written otherwise, in lower case. */
const TABLE: readonly (readonly [unit: Unit, words: readonly string[]])[] = [
  [{ symbol: "µm", name: "micrometer" }, [
    "µm",
    "μm",
    "um",
    "micron",
    "microns",
    "micrometers",
    "micrometre",
    "micrometres",
  ]],
  [{ symbol: "nm", name: "nanometer" }, ["nanometers", "nanometre", "nanometres"]],
  [{ symbol: "mm", name: "millimeter" }, ["millimeters", "millimetre", "millimetres"]],
  [{ symbol: "cm", name: "centimeter" }, ["centimeters", "centimetre", "centimetres"]],
  [{ symbol: "m", name: "meter" }, ["meters", "metre", "metres"]],
  [{ symbol: "pm", name: "picometer" }, ["picometers"]],
  [{ symbol: "Å", name: "angstrom" }, ["å", "angstroms"]],
  [{ symbol: "in", name: "inch" }, ["inches"]],
  [{ symbol: "pixel" }, ["", "pixels"]],
  [{ symbol: "s", name: "second" }, ["sec", "secs", "seconds"]],
  [{ symbol: "ms", name: "millisecond" }, ["msec", "milliseconds"]],
  [{ symbol: "µs", name: "microsecond" }, ["µs", "μs", "us", "microseconds"]],
  [{ symbol: "ns", name: "nanosecond" }, ["nanoseconds"]],
  [{ symbol: "min", name: "minute" }, ["minutes"]],
  [{ symbol: "h", name: "hour" }, ["hr", "hours"]],
  [{ symbol: "d", name: "day" }, ["days"]],
];

const UNITS: ReadonlyMap<string, Unit> = new Map(
  TABLE.flatMap(([unit, words]) => [unit.symbol, unit.name ?? "", ...words].map((word) => [word, unit] as const)),
);

/** Finds a unit by any of its names; `undefined` for one that formats do not know. No name at all is a pixel. */
export function findUnit(text: string): Unit | undefined {
  return UNITS.get(text.trim().toLowerCase());
}

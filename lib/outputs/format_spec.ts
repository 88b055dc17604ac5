/**
 * Python's format specifications (`04d`, `>8`), the part that makes sense in file names.
 *
 * @module
 */

/** `[[fill]align][sign][0][width][.precision][type]` */
const SPEC =
  /^(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<zero>0)?(?<width>\d{1,4})?(?:\.(?<precision>\d{1,3}))?(?<type>[dsfxXeg])?$/u;

/**
 * Formats a value as Python's `format(value, spec)` does.
 *
 * @returns the text, or `undefined` when the specification does not fit the value
 */
export function formatValue(value: string | number, spec: string): string | undefined {
  const groups = SPEC.exec(spec)?.groups;
  if (groups === undefined) return undefined;
  const { fill, align, sign, zero, width, precision, type } = groups;
  const digits = precision === undefined ? undefined : Number(precision);
  const body = typeof value === "string"
    ? formatText(value, type, sign, align, digits)
    : formatNumber(value, type, digits);
  if (body === undefined) return undefined;
  const prefix = typeof value === "number" ? signOf(value, sign) : "";
  const side = align ?? (typeof value === "string" ? "<" : zero === undefined ? ">" : "=");
  return pad(prefix, body, Number(width ?? 0), fill ?? zero ?? " ", side);
}

function formatText(
  value: string,
  type: string | undefined,
  sign: string | undefined,
  align: string | undefined,
  precision: number | undefined,
): string | undefined {
  if ((type ?? "s") !== "s" || sign !== undefined || align === "=") return undefined;
  return precision === undefined ? value : [...value].slice(0, precision).join("");
}

/** Digits of whole numbers and their floating point forms, without a sign. */
const NUMBER_FORMATS: Readonly<Record<string, (value: number, precision: number | undefined) => string | undefined>> = {
  d: (value, precision) => precision === undefined ? value.toFixed(0) : undefined,
  x: (value, precision) => precision === undefined ? value.toString(16) : undefined,
  X: (value, precision) => precision === undefined ? value.toString(16).toUpperCase() : undefined,
  f: (value, precision) => value.toFixed(precision ?? 6),
  e: (value, precision) => twoDigitExponent(value.toExponential(precision ?? 6)),
  g: (value, precision) => general(value, precision ?? 6),
};

function formatNumber(value: number, type: string | undefined, precision: number | undefined): string | undefined {
  return NUMBER_FORMATS[type ?? "d"]?.(Math.abs(value), precision);
}

function general(value: number, precision: number): string {
  const digits = Math.max(1, precision);
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split("e")[1]);
  const trim = (text: string) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  if (exponent >= -4 && exponent < digits) return trim(value.toFixed(digits - 1 - exponent));
  const [mantissa = "", power = ""] = value.toExponential(digits - 1).split("e");
  return twoDigitExponent(`${trim(mantissa)}e${power}`);
}

function twoDigitExponent(text: string): string {
  return text.replace(/e([-+])(\d)$/, "e$10$2");
}

function signOf(value: number, sign: string | undefined): string {
  return value < 0 ? "-" : sign === "+" || sign === " " ? sign : "";
}

function pad(prefix: string, body: string, width: number, fill: string, side: string): string {
  const missing = Math.max(0, width - [...prefix, ...body].length);
  if (side === "=") return prefix + fill.repeat(missing) + body;
  const left = side === ">" ? missing : side === "^" ? Math.floor(missing / 2) : 0;
  return fill.repeat(left) + prefix + body + fill.repeat(missing - left);
}

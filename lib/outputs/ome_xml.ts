/**
 * The OME-XML description of a multi-page TIFF (cli-and-io.md §5.9). Schema: OME 2016-06.
 *
 * @module
 */
import { along, type AxisKey, type Dtype } from "../array/mod.ts";
import type { OutputPlan } from "./types.ts";
import { findUnit } from "./units.ts";

/** Pixel types of OME; 64-bit integers and halves have none. */
const PIXEL_TYPES: Readonly<Partial<Record<Dtype, string>>> = {
  bool: "uint8",
  uint8: "uint8",
  uint16: "uint16",
  uint32: "uint32",
  int8: "int8",
  int16: "int16",
  int32: "int32",
  float32: "float",
  float64: "double",
};

const SPACE: readonly AxisKey[] = ["x", "y", "z"];
const NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06";

/** The pixel type of OME for an element type; `undefined` if it has none. */
export function omePixelType(dtype: Dtype): string | undefined {
  return PIXEL_TYPES[dtype];
}

/** The description of a file with pages in the order t z c (c fastest). */
export function omeXml({ shape, dtype, meta }: OutputPlan): string {
  const channels = along(shape, "c");
  const planes = along(shape, "t") * along(shape, "z") * channels;
  const sizes = (["x", "y", "c", "z", "t"] as const).map((axis) => `Size${axis.toUpperCase()}="${along(shape, axis)}"`);
  const spacing = SPACE.flatMap((axis) => attributes(`PhysicalSize${axis.toUpperCase()}`, axis, meta));
  const time = meta.pixelSize?.t ? attributes("TimeIncrement", "t", meta) : [];
  const colors = meta.classColors?.length === channels ? meta.classColors : [];
  const channelElements = Array.from({ length: channels }, (_, i) => {
    const name = meta.channelNames?.[i];
    const color = colors[i];
    const extra = [
      ...(name === undefined ? [] : [`Name="${escapeXml(name)}"`]),
      ...(color === undefined ? [] : [`Color="${omeColor(color)}"`]),
    ];
    return `<Channel ${[`ID="Channel:0:${i}"`, ...extra].join(" ")} SamplesPerPixel="1"><LightPath/></Channel>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<OME xmlns="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" `,
    `xsi:schemaLocation="${NAMESPACE} ${NAMESPACE}/ome.xsd" UUID="urn:uuid:${crypto.randomUUID()}" `,
    'Creator="ilastik-headless"><Image ID="Image:0" Name="Image0">',
    `<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="${omePixelType(dtype)}" `,
    `${[...sizes, ...spacing, ...time].join(" ")}>`,
    ...channelElements,
    `<TiffData IFD="0" PlaneCount="${planes}"/>${firstPlane(meta)}</Pixels></Image></OME>`,
  ].join("");
}

/** Where and when the first plane lies; nothing when that is the origin. */
function firstPlane({ origin = {}, units }: OutputPlan["meta"]): string {
  const position = (["x", "y", "z"] as const).flatMap((axis) => {
    const name = `Position${axis.toUpperCase()}`;
    const value = origin[axis];
    return value === undefined ? [] : [`${name}="${pythonFloat(value)}"`, `${name}Unit="${omeUnit(units?.[axis])}"`];
  });
  const time = origin.t === undefined ? [] : [`DeltaT="${pythonFloat(origin.t)}"`, `DeltaTUnit="${omeUnit(units?.t)}"`];
  if (position.length + time.length === 0) return "";
  return `<Plane ${['TheZ="0" TheT="0" TheC="0"', ...position, ...time].join(" ")}/>`;
}

function attributes(name: string, axis: AxisKey, meta: OutputPlan["meta"]): string[] {
  const size = meta.pixelSize?.[axis] ?? 0;
  if (size === 0) return [`${name}Unit="pixel"`];
  return [`${name}="${pythonFloat(size)}"`, `${name}Unit="${omeUnit(meta.units?.[axis])}"`];
}

/** A unit that OME does not know must not become its default, the micrometer. */
function omeUnit(unit = ""): string {
  return findUnit(unit)?.symbol ?? "reference frame";
}

/** A number as Python prints a float: `5.0`, `6.000024000096`. */
function pythonFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}

/** Red, green, blue and full opacity as one signed 32-bit number. */
function omeColor([red, green, blue]: readonly [number, number, number]): number {
  return (red << 24) | (green << 16) | (blue << 8) | 255;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/**
 * Attributes of objects in HDF5 files.
 *
 * @module
 */
import { check, DEFAULT, failure, type Hdf5, Id, nameCallback } from "./hdf5_library.ts";
import {
  describeSpace,
  describeType,
  type H5NewValue,
  type H5Value,
  makeSpace,
  numberLength,
  prepareValue,
  readValue,
} from "./hdf5_types.ts";
import { cString } from "./text.ts";

/** Longer attributes than this are taken for damage. */
const MAX_BYTES = 2 ** 24;

/** Names of the attributes of an object, in their order. */
export function attributeNames(hdf5: Hdf5, object: bigint): string[] {
  const names: string[] = [];
  using each = nameCallback(names);
  check(hdf5, "H5Aiterate2", hdf5.c.H5Aiterate2(object, 0, 0, null, each.pointer, null));
  return names;
}

/** An attribute; `undefined` if the object has none of this name. */
export function readAttribute(hdf5: Hdf5, object: bigint, name: string): H5Value | undefined {
  const { c } = hdf5;
  if (check(hdf5, "H5Aexists", c.H5Aexists(object, cString(name))) === 0) return undefined;
  using attribute = new Id(hdf5, "H5Aopen", c.H5Aopen(object, cString(name), DEFAULT), "H5Aclose");
  using type = new Id(hdf5, "H5Aget_type", c.H5Aget_type(attribute.value), "H5Tclose");
  using space = new Id(hdf5, "H5Aget_space", c.H5Aget_space(attribute.value), "H5Sclose");
  const extent = { type: describeType(hdf5, type.value), shape: describeSpace(hdf5, space.value) };
  if (numberLength(extent) > MAX_BYTES) {
    throw failure("H5Aread", `attribute ${name} claims to be of ${numberLength(extent)} bytes`);
  }
  return readValue(hdf5, type.value, space.value, extent, (memory, buffer) => {
    check(hdf5, "H5Aread", c.H5Aread(attribute.value, memory, buffer));
  });
}

/** Sets an attribute; replaces one that is there. */
export function writeAttribute(hdf5: Hdf5, object: bigint, name: string, value: H5NewValue): void {
  const { c } = hdf5;
  const key = cString(name);
  if (check(hdf5, "H5Aexists", c.H5Aexists(object, key)) > 0) check(hdf5, "H5Adelete", c.H5Adelete(object, key));
  using content = prepareValue(hdf5, value);
  using space = makeSpace(hdf5, content.shape);
  const made = c.H5Acreate2(object, key, content.type, space.value, DEFAULT, DEFAULT);
  using attribute = new Id(hdf5, "H5Acreate2", made, "H5Aclose");
  if (content.buffer.length === 0) return;
  check(hdf5, "H5Awrite", c.H5Awrite(attribute.value, content.type, content.buffer));
}

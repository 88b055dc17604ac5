/**
 * ilastik projects (`.ilp`) as plain descriptions: header, training inputs, features, classifiers, labels and export
 * settings. Everything is read from HDF5 values and text patterns; pickles are never executed.
 *
 * @module
 */
export { libraryVersion as hdf5Version, shutdown } from "../../ffi/hdf5.ts";
export { describeProject } from "./describe.ts";
export type { ClassDescription, ProjectDescription, Setting, StageDescription } from "./describe.ts";
export type { ForestDescription } from "./describe_forest.ts";
export { createDataConversionProject } from "./create.ts";
export { slimProject, type SlimResult } from "./slim.ts";
export { openProject } from "./open.ts";
export { checkSavable, saveClassifiers } from "./save_classifier.ts";
export type { FactoryOptions } from "./pickle_text.ts";
export type * from "./types.ts";

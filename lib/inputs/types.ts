/**
 * What readers give to the rest of the program.
 *
 * @module
 */
import type { Axes, Dtype, SourceMeta, TypedArray } from "../array/mod.ts";

/** Pixels in the axis order of the file: element `(i0, i1, …)` is `data[offset + Σ i·strides]`. */
export interface StoredBlock {
  /** The storage, possibly larger than the block. */
  readonly data: TypedArray;
  /** Index of the first element. */
  readonly offset: number;
  /** In elements, one per axis of the file. */
  readonly strides: readonly number[];
}

/**
 * An array as it lies in a file, before anybody decided what its axes mean (cli-and-io.md §2.6).
 * Only headers are read when it is opened.
 */
export interface StoredArray {
  /** Sizes in the order of the file, 2 to 5 of them. */
  readonly shape: readonly number[];
  /** Element type. */
  readonly dtype: Dtype;
  /** The file's own axes, or the default guess for its shape (cli-and-io.md §4.9). As many as `shape` has. */
  readonly axes: Axes;
  /** Whether the file itself names its axes (tags, OME, ImageJ, Zarr metadata, image formats), so `axes` is no guess. */
  readonly axesExplicit: boolean;
  /** Whether it is a plain image or a stack of plain images, which always carry a `c` axis (cli-and-io.md §2.6.7a). */
  readonly imageFile: boolean;
  /** Natural block for reading, in the order of the file. */
  readonly chunk: readonly number[];
  /** What is known beside the pixels. */
  readonly meta: SourceMeta;
  /** Bytes that stay in memory from the first read until it is closed, of formats that are decoded as a whole. */
  readonly keptBytes?: number;
  /** Absolute paths of files beside the one that was named, when the array is spread over several. */
  readonly otherFiles?: readonly string[];
  /** Reads what the file says about its place in a larger whole, as text (`--tile`); `undefined` when it says nothing. */
  readonly tileRecord?: () => Promise<string | undefined>;
  /**
   * Reads the box `start` (inclusive) to `stop` (exclusive), in the order of the file.
   *
   * @throws {UserError} kind `input`
   */
  read(start: readonly number[], stop: readonly number[], signal?: AbortSignal): Promise<StoredBlock>;
  /** Closes the file; reading afterwards is a bug. */
  close(): Promise<void>;
}

/** Which files a word on the command line stands for. */
export interface SearchRequest {
  /** The word as typed: path, `file.h5/inner`, pattern, list of files. */
  readonly text: string;
  /** Sort slices by number (`--natural_sort`) instead of by byte order. */
  readonly naturalSort: boolean;
  /** Reproduce the original's odd choices (cli-and-io.md §8). */
  readonly compat: boolean;
  /** The user's home folder, for a leading `~/`; without it `~` is an ordinary name. */
  readonly home?: string;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
}

/** How an input was asked for on the command line. */
export interface InputRequest extends SearchRequest {
  /** Axis along which several files are stacked, `z` by default. */
  readonly stackAlong: string;
  /** `--scale`: key or index of a resolution level. */
  readonly scale?: string;
  /** Receives lines about what was chosen; without it they are not said. */
  readonly info?: (message: string) => void;
}

/** An opened input: the array and the names that output paths are made of. */
export interface OpenedInput {
  /** The array. */
  readonly array: StoredArray;
  /** Absolute paths of the files it is made of, in order; none for a stream. */
  readonly paths: readonly string[];
  /** Inner paths (HDF5, N5, npz, Zarr), without leading slash; empty when the file is one array. */
  readonly innerPaths: readonly string[];
  /** `{nickname}` (cli-and-io.md §2.8). */
  readonly nickname: string;
  /** `{dataset_dir}`: absolute folder of the first file. */
  readonly datasetDir: string;
}

/**
 * What writers need to know and what they promise.
 *
 * @module
 */
import type { Axes, Dtype, Five, NdArray, Region, SourceMeta } from "../array/mod.ts";
import type { TileRecord } from "./tile_record.ts";

/** Everything about an output that is known before the first pixel is computed. */
export interface OutputPlan {
  /** Final absolute path of the file or folder; for sequences the pattern, with `{slice_index}` as it was written. */
  readonly path: string;
  /** Sequences: final paths of the slices, in order along {@linkcode OutputPlan.stepAxis}. Else empty. */
  readonly slicePaths: readonly string[];
  /** Inner path of HDF5 and N5, without leading slash. */
  readonly innerPath: string;
  /** Sizes in canonical order `tzyxc`. */
  readonly shape: Five;
  /** Axes that are written, in the order of the file. Axes that are not listed have size 1. */
  readonly axes: Axes;
  /** Element type. */
  readonly dtype: Dtype;
  /** What is known beside the pixels. */
  readonly meta: SourceMeta;
  /**
   * All values are known to lie in this range (probabilities, label numbers, anything mapped by the range options).
   * Unlike `meta.drange`, which is only handed on for viewers and may be wrong.
   */
  readonly valueRange?: readonly [number, number];
  /** Whether values measure something and may be scaled to fit a format, unlike numbers of labels. */
  readonly continuous: boolean;
  /** For a tile (`--tile`): its place in the whole, stored beside the values. */
  readonly tile?: TileRecord;
  /** Whether label images get the colours of their classes as a colour table, in formats that have one. */
  readonly palette: boolean;
  /** Whether a file of another kind that has the output's name is replaced, instead of being an error. */
  readonly replaceForeign: boolean;
  /** Reproduce the original's odd choices (cli-and-io.md §8). */
  readonly compat: boolean;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
}

/**
 * Receives the blocks of one output. Nothing stands under the final name until `commit`.
 * `write` calls may overlap unless `ordered`; blocks are disjoint and cover the whole output before `commit`.
 */
export interface Sink {
  /** How blocks should be cut for this format, canonical order: block edges are multiples of these (or the whole axis). */
  readonly blockMultiple: Five;
  /** Whether blocks must arrive one after another in canonical C order (`t` slowest, `c` fastest). */
  readonly ordered: boolean;
  /**
   * Writes one block; `region` is relative to the output (canonical order), `block` has the plan's dtype and any strides.
   * Its storage is used again once the promise is settled.
   *
   * @throws {UserError} kind `output`
   */
  write(region: Region, block: NdArray): Promise<void>;
  /**
   * Completes the file and puts it under its final name. Returns the final paths that a user sees.
   *
   * @param signal stops what takes long; nothing stands under the final name then
   * @throws the reason of the signal
   */
  commit(signal?: AbortSignal): Promise<readonly string[]>;
  /** Removes everything that was written. Never throws; safe after a failed `commit`. */
  abort(): Promise<void>;
}

/** How much of an output is there: nothing, some files of a sequence, or all of it. */
export type Presence = "nothing" | "part" | "all";

/** One row of the format table. */
export interface OutputFormat {
  /** The name as ilastik writes it, for example `compressed hdf5`. */
  readonly name: string;
  /** Other names that are accepted. */
  readonly aliases: readonly string[];
  /** File name extension, without the dot; empty when the name is used as it is. */
  readonly extension: string;
  /** Whether one file per slice is written and `{slice_index}` belongs into the name. */
  readonly sequence: boolean;
  /** Whether a file can say which tile of a whole it is. */
  readonly tiles?: true;
  /** Whether label images can have a colour table. */
  readonly palettes?: true;
  /** Whether one file holds many outputs under inner paths, so that outputs with different inner paths may share it. */
  readonly container: boolean;
  /** Whether it goes down a stream: there is no file. */
  readonly stream?: true;
  /**
   * Checks the limits of the format (dimensions, channels, element type, size) before anything is computed. Warns when
   * the format has to store values in another type (cli-and-io.md §5.5, value conversion); the sink then converts.
   *
   * @throws {UserError} kind `usage`, naming what would work
   */
  readonly check: (plan: OutputPlan) => void;
  /**
   * Looks how much of the output is there already. Empty files, which callers make for a name, are nothing, and so are
   * other datasets in the same file.
   *
   * @throws {UserError} kind `output`
   */
  readonly presence: (plan: OutputPlan) => Promise<Presence>;
  /**
   * Looks at what lies at the target, and whether it can be written: another kind of file, a folder, no permission.
   *
   * @throws {UserError} kind `output`
   */
  readonly checkTarget: (plan: OutputPlan) => Promise<void>;
  /**
   * Opens the sink: creates folders and the temporary file.
   *
   * @throws {UserError} kind `output`
   */
  readonly open: (plan: OutputPlan) => Promise<Sink>;
}

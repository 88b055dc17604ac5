/**
 * What `inspect` finds in a project.
 *
 * @module
 */
import type { ProjectDescription } from "../../project/mod.ts";

/** What `inspect --json` prints. Fields are only ever added while `schema` is 1; absent facts are `null`. */
export interface Inspection {
  /** Version of this structure; raised when fields change their meaning. */
  readonly schema: 1;
  /** Path as given. */
  readonly path: string;
  /** Version of ilastik that saved it. */
  readonly version: string;
  /** When it was saved, in ilastik's words. */
  readonly saved: string | null;
  /** The workflow, ready for images. */
  readonly workflow: {
    readonly name: string;
    /** Whether this program can run it. */
    readonly supported: boolean;
  };
  /** Roles of the workflow, in order. */
  readonly roles: readonly {
    readonly name: string;
    /** Its option on the command line. */
    readonly option: string;
    /** `null` where the workflow is not supported. */
    readonly required: boolean | null;
  }[];
  /** What images must be like: the last training image of the first role. */
  readonly expects: {
    readonly axes: string;
    readonly channels: number | null;
    readonly dtype: string | null;
    /** 2 or 3; `null` when the project does not say. */
    readonly dimensions: number | null;
  } | null;
  /** What the project says of its training data, role by role. */
  readonly training: readonly {
    readonly lane: number;
    readonly role: string;
    readonly nickname: string;
    readonly file: string;
    /** Whether the pixels lie in the project. */
    readonly internal: boolean;
    readonly axes: string;
    readonly shape: readonly number[] | null;
    readonly dtype: string | null;
  }[];
  /** One entry per trained stage. */
  readonly stages: readonly {
    readonly name: string;
    readonly group: string;
    readonly hasLabels: boolean;
    readonly classes: readonly {
      /** Label value and position of the channel, from 1. */
      readonly value: number;
      readonly name: string;
      /** `#rrggbb` */
      readonly color: string | null;
    }[];
    readonly features: readonly {
      readonly id: string;
      readonly sigma: number;
      /** Whether slices are filtered one by one. */
      readonly in2d: boolean;
    }[];
    readonly classifier: {
      readonly kind: string | null;
      /** Trees of each forest. */
      readonly trees: readonly number[];
      readonly nodes: number;
      readonly columns: number;
      /** Columns that at least one tree looks at. */
      readonly columnsUsed: number;
      readonly classes: number;
      readonly knownLabels: readonly number[];
      readonly featureNames: readonly string[];
    } | null;
  }[];
  /** Settings of other parts, by path in the file. */
  readonly settings: ProjectDescription["settings"];
  /** Stored export settings; only those that were set. */
  readonly export: ProjectDescription["exportSettings"];
  /** Results that can be exported; empty where the workflow is not supported. */
  readonly sources: readonly {
    readonly name: string;
    /** What the project lacks for it; `null` when it can be computed. */
    readonly missing: string | null;
  }[];
  /** What keeps the project from being run, and parts that cannot be read; one line each. */
  readonly problems: readonly string[];
}

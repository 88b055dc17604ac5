/**
 * What happens in a run, for programs: `--events=json`, `--report` and `--logfile` are made of it.
 *
 * @module
 */
import type { UserErrorKind } from "../array/mod.ts";
import { writeStderr } from "./streams.ts";

/** Where a setting comes from. */
export type Origin = "command line" | "environment" | "config" | "project" | "default";

/** A setting that a run uses. */
export interface EffectiveSetting {
  /** As it is written on the command line; `null` when it is not set. */
  readonly value: string | null;
  /** Where it comes from. */
  readonly origin: Origin;
}

/** Sizes and type of an array. */
export interface ArrayFacts {
  /** In the order of `axes`. */
  readonly shape: readonly number[];
  /** Letters in the order of the file. */
  readonly axes: string;
  /** Element type. */
  readonly dtype: string;
}

/** One thing that happens. */
export type RunEvent =
  | {
    readonly event: "start";
    readonly version: string;
    /** Absolute path. */
    readonly project: string;
    readonly workflow: string;
    /** Version of ilastik that saved the project. */
    readonly projectVersion: string;
    /** Number of inputs. */
    readonly inputs: number;
    readonly dryRun: boolean;
    readonly threads: { readonly value: number; readonly origin: string };
    /** Bytes. */
    readonly memory: { readonly value: number; readonly origin: string };
    readonly settings: Readonly<Record<string, EffectiveSetting>>;
  }
  | {
    readonly event: "input";
    /** Number of the input, from 1. */
    readonly input: number;
    readonly name: string;
    /** Files of each role. */
    readonly roles: readonly (ArrayFacts & { readonly role: string; readonly paths: readonly string[] })[];
  }
  | {
    readonly event: "progress";
    readonly input: number;
    readonly inputs: number;
    readonly name: string;
    /** Export source. */
    readonly source: string;
    /** 0…1 */
    readonly done: number;
  }
  | (ArrayFacts & {
    readonly event: "output";
    readonly input: number;
    readonly name: string;
    /** Export source. */
    readonly source: string;
    /** Name of the channel that it holds, or its number; `null` when the channels are not split. */
    readonly class: string | null;
    /** `written`; `kept` because it existed; `planned` in a dry run. */
    readonly status: "written" | "kept" | "planned";
    readonly format: string;
    readonly paths: readonly string[];
    /** Dataset in the file; `null` for formats without. */
    readonly innerPath: string | null;
    /** Which tile of the whole, from 1; first pixel and sizes of the whole in the order of `axes`. `null` for all of it. */
    readonly tile:
      | {
        readonly index: number;
        readonly count: number;
        readonly offset: readonly number[];
        readonly whole: readonly number[];
      }
      | null;
    readonly pixels: number;
    readonly seconds: number;
  })
  /** The tile of this input holds nothing: there is no output. */
  | { readonly event: "empty"; readonly input: number; readonly name: string }
  | { readonly event: "verbose" | "info" | "warning"; readonly message: string }
  | {
    readonly event: "error";
    readonly message: string;
    readonly hint: string | null;
    /** `internal` for bugs. */
    readonly kind: UserErrorKind | "internal";
    /** Number of the input that failed; `null` for the whole run. */
    readonly input: number | null;
    /** Its name on the command line. */
    readonly name: string | null;
  }
  | {
    readonly event: "end";
    readonly exitCode: number;
    readonly seconds: number;
    /** Largest resident memory in bytes. */
    readonly peakMemory: number;
  };

/** Hears of everything that happens. */
export type EventListener = (event: RunEvent) => void;

/** Progress is told at most this often. */
const PROGRESS_INTERVAL_MS = 200;

/**
 * A listener that writes one JSON object a line, with the seconds since it was made.
 *
 * @param write takes a line with its line end; stderr by default
 */
export function eventStream(write: (line: string) => void = writeStderr): EventListener {
  const start = performance.now();
  let lastProgress = -Infinity;
  return (event) => {
    const now = performance.now();
    if (event.event === "verbose") return;
    if (event.event === "progress") {
      if (now - lastProgress < PROGRESS_INTERVAL_MS && event.done < 1) return;
      lastProgress = now;
    }
    const { event: name, ...fields } = event;
    write(`${JSON.stringify({ event: name, time: Math.round(now - start) / 1000, ...fields })}\n`);
  };
}

/** Largest resident memory of this process so far, in bytes; what is used now where the system does not tell. */
export function peakMemory(): number {
  const now = Deno.memoryUsage().rss;
  if (Deno.build.os !== "linux") return now;
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
    return Math.max(now, Number(kilobytes ?? 0) * 1024);
  } catch {
    return now; // a sandbox without /proc
  }
}

/**
 * Progress of a run: a bar on a terminal, otherwise at most a line a minute.
 *
 * @module
 */
import type { Messages } from "./messages.ts";

/** How progress is shown. */
export type ProgressMode = "bar" | "plain" | "none";

const PLAIN_INTERVAL_MS = 60_000;
const BAR_INTERVAL_MS = 100;
const BAR_WIDTH = 24;

/** Shows how far one input is. */
export class Progress {
  readonly #messages: Messages;
  readonly #mode: ProgressMode;
  readonly #title: string;
  readonly #pixels: number;
  readonly #start = performance.now();
  #lastShown: number;
  #barShown = false;

  /**
   * Starts the clock; nothing is shown yet.
   *
   * @param title what is worked on, for example `2 of 10 a.png`
   * @param pixels number of pixels of the whole work, for the rate
   */
  constructor(messages: Messages, mode: ProgressMode, title: string, pixels: number) {
    this.#messages = messages;
    this.#mode = mode;
    this.#title = title;
    this.#pixels = pixels;
    this.#lastShown = this.#start;
    messages.beforeLine = () => this.#clear();
  }

  /** Reports that the share `done` (0…1) of the work is done. */
  update(done: number): void {
    const now = performance.now();
    const interval = this.#mode === "bar" ? BAR_INTERVAL_MS : PLAIN_INTERVAL_MS;
    if (this.#mode === "none" || now - this.#lastShown < interval) return;
    this.#lastShown = now;
    const text = progressText(this.#title, done, this.#pixels, (now - this.#start) / 1000);
    if (this.#mode === "plain") {
      this.#messages.raw(`${text}\n`);
      return;
    }
    const filled = Math.round(done * BAR_WIDTH);
    this.#messages.raw(`\r\x1b[2K[${"#".repeat(filled)}${"-".repeat(BAR_WIDTH - filled)}] ${text}`);
    this.#barShown = true;
  }

  /** Removes the bar. */
  finish(): void {
    this.#clear();
    this.#messages.beforeLine = undefined;
  }

  #clear(): void {
    if (this.#barShown) this.#messages.raw("\r\x1b[2K");
    this.#barShown = false;
  }
}

/** Title, share, rate and time left in words. */
export function progressText(title: string, done: number, pixels: number, seconds: number): string {
  const rate = done * pixels / Math.max(seconds, 1e-3) / 1e6;
  const left = done > 0 ? seconds * (1 - done) / done : Infinity;
  const remaining = Number.isFinite(left) ? `, ${duration(left)} left` : "";
  return `${title}: ${Math.floor(done * 100)} %, ${rate.toPrecision(2)} Mpixel/s${remaining}`;
}

/** A time span in words, for example `1 h 05 min` or `12 s`. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return seconds < 10 ? `${Math.max(0.1, seconds).toFixed(1)} s` : `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor(s % 3600 / 60)).padStart(2, "0")} min`;
}

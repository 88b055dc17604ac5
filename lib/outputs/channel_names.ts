/**
 * Names of channels as parts of file names: `{class}` and `--split_channels`.
 *
 * @module
 */

import type { ArraySource } from "../array/mod.ts";

/** Letters that a system forbids in names or reads as something else. */
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}]/gu;
/** Whole names that Windows keeps for devices, and the home folder. */
const RESERVED = /^(?:~|con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/**
 * One word for each channel, all different, also where case does not matter. What no file may be named becomes `_`.
 * Channels without a name have their number, from 0 and padded with zeros to equal length; of several with one name each
 * gets its number behind the name.
 *
 * @param names of the channels, if they are known
 * @param channels how many there are
 */
export function channelWords(names: readonly string[] | undefined, channels: number): readonly string[] {
  const digits = String(channels - 1).length;
  const words = Array.from({ length: channels }, (_, i) => safe(names?.[i] ?? "") || String(i).padStart(digits, "0"));
  for (;;) {
    const uses = new Map<string, number>();
    for (const word of words) uses.set(folded(word), (uses.get(folded(word)) ?? 0) + 1);
    const doubled = words.map((word) => (uses.get(folded(word)) ?? 0) > 1);
    if (!doubled.includes(true)) return words;
    for (const [i, isDoubled] of doubled.entries()) if (isDoubled) words[i] += `_${i}`;
  }
}

function safe(name: string): string {
  return name.replaceAll(FORBIDDEN, "_").trim().replace(/[. ]+$/, "").replace(RESERVED, "$&_");
}

/** Equal for names that some file systems take for one. */
function folded(word: string): string {
  return word.normalize("NFC").toLowerCase();
}

/** Names of all channels of a result, when they are known. */
export function channelNames({ meta, shape }: ArraySource): readonly string[] | undefined {
  return meta.channelNames?.length === shape[4] ? meta.channelNames : undefined;
}

/** The word for one channel of a result in file names. */
export function channelWord(source: ArraySource, channel: number): string {
  return channelWords(channelNames(source), source.shape[4])[channel] ?? "";
}

/** The name of one channel of a result, or its number where it has none. */
export function channelName(source: ArraySource, channel: number): string {
  return channelNames(source)?.[channel] || channelWord(source, channel);
}

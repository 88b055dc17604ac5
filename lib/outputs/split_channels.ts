/**
 * Every channel as an output of its own: `--split_channels` and `{class}`.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { channelNames } from "./channel_names.ts";
import { exportedRegion, type ExportResult, type ExportSettings } from "./export.ts";
import { namesChannels } from "./names.ts";

/**
 * The channels of a result that are outputs of their own, when it is split.
 *
 * @returns numbers of the channels inside of the exported region; `undefined` when the result is one output
 * @throws {UserError} kind `usage` when `{class}` asks for channels that the result does not have
 */
export function splitChannels(result: ExportResult, settings: ExportSettings): readonly number[] | undefined {
  const named = namesChannels(settings.fileNamePattern, settings.compat);
  if (!named && settings.splitChannels !== true) return undefined;
  if (result.source.shape[4] === 1 && channelNames(result.source) === undefined) {
    if (named) {
      throw new UserError("usage", `--output_filename_format: {class} names channels, ${result.name} has only one`, {
        hint: "--split_channels instead of {class} leaves it in one file",
      });
    }
    settings.warn(`--split_channels has no effect on ${result.name}: it has one channel`);
    return undefined;
  }
  const { start, stop } = exportedRegion(result, settings);
  return Array.from({ length: stop[4] - start[4] }, (_, i) => start[4] + i);
}

/**
 * Stored export settings (pixel-classification.md §1.8).
 *
 * @module
 */
import type { ProjectReader } from "./reader.ts";
import type { StoredExportSettings } from "./types.ts";

/** Reads the settings of a group such as `Prediction Export`. */
export async function readExportSettings(reader: ProjectReader, group: string): Promise<StoredExportSettings> {
  const text = (name: string): Promise<string | undefined> => reader.string(`${group}/${name}`);
  const number = (name: string): Promise<number | undefined> => reader.number(`${group}/${name}`);
  const list = async (name: string): Promise<(number | undefined)[] | undefined> =>
    (await reader.numbers(`${group}/${name}`))?.values.map((value) => value === -1 ? undefined : value);

  const settings: { -readonly [K in keyof StoredExportSettings]: StoredExportSettings[K] } = {};
  for (
    const [key, name] of [
      ["outputFormat", "OutputFormat"],
      ["outputFilenameFormat", "OutputFilenameFormat"],
      ["outputInternalPath", "OutputInternalPath"],
      ["exportDtype", "ExportDtype"],
      ["outputAxisOrder", "OutputAxisOrder"],
    ] as const
  ) {
    const value = await text(name);
    if (value !== undefined && value !== "") settings[key] = value;
  }
  const [inputMin, inputMax, exportMin, exportMax] = [
    await number("InputMin"),
    await number("InputMax"),
    await number("ExportMin"),
    await number("ExportMax"),
  ];
  if (inputMin !== undefined && inputMax !== undefined && exportMin !== undefined && exportMax !== undefined) {
    settings.ranges = { input: [inputMin, inputMax], output: [exportMin, exportMax] };
  }
  const start = await list("RegionStart");
  const stop = await list("RegionStop");
  if (start !== undefined && stop !== undefined && start.length > 0 && start.length === stop.length) {
    settings.region = { start, stop };
  }
  return settings;
}

/**
 * Root datasets of a project (pixel-classification.md §1.2).
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { labelsInFileOrder } from "./labels.ts";
import type { ProjectReader } from "./reader.ts";
import type { ProjectHeader } from "./types.ts";

/** Versions whose projects can be read as they are. */
const READABLE: readonly (readonly [number, number])[] = [[0, 6], [1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]];
const NEWEST: readonly [number, number] = [1, 5];

/**
 * Reads version and workflow.
 *
 * @throws {UserError} kind `project` when it is no project or too old
 */
export async function readHeader(reader: ProjectReader): Promise<ProjectHeader> {
  const workflowName = await reader.string("workflowName");
  const version = await reader.string("ilastikVersion");
  if (workflowName === undefined && version === undefined) {
    throw new UserError("project", `not an ilastik project (no \`workflowName\` inside): ${reader.path}`, {
      hint: "give an .ilp file that ilastik saved",
    });
  }
  if (workflowName === undefined) throw reader.wrong("workflowName", "the name of the workflow");
  const versionNumbers = parseVersion(version);
  const older = versionNumbers === undefined || !READABLE.some((row) => row.join() === versionNumbers.join()) &&
      !isNewer(versionNumbers);
  if (versionNumbers === undefined || older) {
    throw new UserError(
      "project",
      `the project ${reader.path} is of ilastik ${version ?? "without a version"}, which is too old`,
      { hint: "open and save it once in a current ilastik" },
    );
  }
  const header = {
    version: version ?? "",
    versionNumbers,
    workflowName,
    labelsInFileOrder: labelsInFileOrder(version ?? ""),
  };
  return isNewer(versionNumbers)
    ? { ...header, warning: `the project is of ilastik ${version}, newer than ${NEWEST.join(".")}; reading it anyway` }
    : header;
}

/** The first two numbers of a version: the first run of digits of each dot-separated part. */
export function parseVersion(version: string | undefined): readonly [number, number] | undefined {
  const [major, minor] = (version ?? "").split(".").map((part) => /\d+/.exec(part)?.[0]);
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

function isNewer([major, minor]: readonly [number, number]): boolean {
  return major > NEWEST[0] || major === NEWEST[0] && minor > NEWEST[1];
}

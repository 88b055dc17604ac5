/**
 * The command line: options, help, messages, progress, and the run of a project over its inputs.
 *
 * @module
 */
export { main } from "./main.ts";

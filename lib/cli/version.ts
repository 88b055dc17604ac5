/**
 * The program's own version, one place.
 *
 * @module
 */

/** What `--version` prints. */
export const VERSION = "0.1.0";

/**
 * Times as ilastik stores them.
 *
 * @module
 */

/** A local time as Python's `time.ctime` writes it, for example `Wed Nov 25 02:12:24 2026`. */
export function pythonTime(time: Date): string {
  const [day = "", month = "", date = "", year = ""] = time.toDateString().split(" ");
  const [clock = ""] = time.toTimeString().split(" ");
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${clock} ${year}`;
}

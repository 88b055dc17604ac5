/**
 * Waiting that a signal ends.
 *
 * @module
 */

/**
 * What `work` gives, unless the signal comes first; nobody waits for it then.
 *
 * @throws the reason of the signal
 */
export async function untilStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

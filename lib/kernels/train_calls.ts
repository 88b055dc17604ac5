/**
 * Calls of the training kernels on other threads: cancellation and errors.
 *
 * @module
 */
import { TRAIN_CODES } from "../../ffi/kernels_train.ts";

/** Starts a call; gets the flag that stops it. Resolves to the kernel's code. */
export type StartCall = (cancel: Int32Array<ArrayBuffer>) => Promise<number>;

/** The calls of one training. Dispose of it when the training ends. */
export class TrainCalls implements Disposable {
  readonly #signal: AbortSignal | undefined;
  readonly #cancel = new Int32Array(1);
  readonly #stop = () => this.#cancel.fill(1);

  /**
   * Listens to the signal.
   *
   * @param signal stops the calls that run and refuses new ones
   */
  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener("abort", this.#stop);
  }

  /**
   * Makes a call.
   *
   * @returns its code, any but `cancelled`
   * @throws the reason of the signal
   */
  async code(start: StartCall): Promise<number> {
    this.#signal?.throwIfAborted();
    const code = await start(this.#cancel);
    this.#signal?.throwIfAborted();
    return code;
  }

  /**
   * Makes a call that can only fail by a bug.
   *
   * @throws the reason of the signal
   */
  async run(start: StartCall): Promise<void> {
    const code = await this.code(start);
    if (code !== TRAIN_CODES.ok) throw new Error(`A training kernel returned ${code}`);
  }

  /** Stops listening to the signal. */
  [Symbol.dispose](): void {
    this.#signal?.removeEventListener("abort", this.#stop);
  }
}

/**
 * Runs jobs, at most `threads` at a time.
 *
 * @param makeLane makes what the jobs of one lane use one after the other
 * @returns results in the order of the jobs
 * @throws what the first failed lane threw, when no job runs any more
 */
export async function inLanes<J, L, R>(
  jobs: readonly J[],
  threads: number,
  makeLane: () => L,
  work: (job: J, lane: L) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = jobs.entries();
  const runLane = async () => {
    const lane = makeLane();
    for (const [i, job] of queue) results[i] = await work(job, lane);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(threads, jobs.length) }, runLane));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results;
}

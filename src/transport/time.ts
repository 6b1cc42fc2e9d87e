/** Time for pacing and budgets: never goes back, and in tests passes as fast as the test wants. */
export interface Time {
  /** Milliseconds since some moment. */
  elapsed(): number;
  /** Resolves after `milliseconds`, or at once when the signal aborts; never rejects. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export interface TimeOptions {
  readonly sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined;
  readonly clock?: (() => number) | undefined;
}

export function createTime(options: TimeOptions): Time {
  const clock = options.clock ?? (() => performance.now());
  const { sleep } = options;
  if (sleep === undefined) return { elapsed: clock, sleep: realSleep };

  let skipped = 0;
  const elapsed = () => clock() + skipped;
  return {
    elapsed,
    async sleep(milliseconds, signal) {
      const wakeAt = elapsed() + milliseconds;
      await untilAborted(sleep(milliseconds, signal), signal);
      // A test's sleep may return at once: what was slept has passed all the same, or the pacer would spin.
      if (!signal.aborted) skipped += Math.max(0, wakeAt - elapsed());
    },
  };
}

function realSleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(1, Math.ceil(milliseconds)), 2 ** 31 - 1));
    signal.addEventListener("abort", done, { once: true });
  });
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let stop: (() => void) | undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } catch {
    // An injected sleep that rejects on abort: the caller looks at the signal.
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}

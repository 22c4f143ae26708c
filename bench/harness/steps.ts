/** Times `count` consecutive calls of an asynchronous step, in milliseconds, after `warmup` that do not count. */
export async function timed(step: () => Promise<unknown>, count: number, warmup = 1): Promise<number[]> {
  const times: number[] = [];
  for (let i = -warmup; i < count; i++) {
    const start = performance.now();
    await step();
    if (i >= 0) times.push(performance.now() - start);
  }
  return times;
}

/** Nobody ever wakes a thread that waits on it. */
const cell = typeof SharedArrayBuffer === "function" ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
let allowed = cell !== undefined;

/**
 * Stops the thread for a part of a millisecond, to about 0.1 ms: no work, and no garbage, as asking the time over and
 * over would make. At once where a thread may not be stopped, as in a browser's window.
 */
export function pause(milliseconds: number): void {
  if (!allowed || !(milliseconds > 0)) return;
  try {
    Atomics.wait(cell!, 0, 0, milliseconds);
  } catch {
    allowed = false;
  }
}

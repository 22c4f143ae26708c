/** Calls after everything that is ready to run has run: promises, messages, finished reads. */
export const nextTurn: (call: () => void) => void =
  typeof setImmediate === "function" ? (call) => void setImmediate(call) : throughChannel;

/** Browsers delay nested timers by 4 ms, but not messages. */
function throughChannel(call: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    call();
  };
  port2.postMessage(undefined);
}

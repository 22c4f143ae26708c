import { moveAxis, reshape, type Tensor } from "../../engine/tensor/index.ts";

/** Where the channels of x are: [batch, channels, ...spatial], as in PyTorch, or [batch, ...spatial, channels]. */
export type Layout = "channels-first" | "channels-last";

export const channelAxis = (layout: Layout): number => (layout === "channels-first" ? 1 : -1);

/** x in the given layout -> channels last */
export function channelsLast(x: Tensor, from: Layout): Tensor {
  return from === "channels-first" ? moveAxis(x, 1, -1) : x;
}

/** x with channels last -> the given layout */
export function channelsFirst(x: Tensor, to: Layout): Tensor {
  return to === "channels-first" ? moveAxis(x, -1, 1) : x;
}

/** A vector [channels], or one for each sample [batch, channels], shaped to broadcast over an x of that rank. */
export function perChannel(v: Tensor, { rank, layout }: { rank: number; layout: Layout }): Tensor {
  const ones = new Array<number>(rank - 2).fill(1);
  const lead = v.shape.slice(0, -1);
  const channels = v.shape.at(-1)!;
  return reshape(
    v,
    layout === "channels-first" ? [...lead, channels, ...ones] : [...lead, ...ones, channels],
  );
}

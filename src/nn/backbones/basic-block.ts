import { add, relu } from "../../engine/tensor/index.ts";
import { initEach, type ParamsOf } from "../compose.ts";
import { conv2d } from "../layers/conv.ts";
import { groupNorm } from "../layers/norm.ts";
import type { Layer } from "../model.ts";

export interface BasicBlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
  readonly groups: number;
}

export type BasicBlockParams = ParamsOf<ReturnType<typeof parts>>;

/**
 * ResNet's basic block [he2015, Fig. 2] with GroupNorm: relu(N(conv(relu(N(conv(x))))) + x), channels last; x goes
 * through a strided 1x1 convolution and a norm where lengths or channels change. Names are torchvision's.
 */
export function basicBlock(options: BasicBlockOptions): Layer<BasicBlockParams> {
  const layers = parts(options);
  const { downsample } = layers;
  return {
    init: (key) => initEach(key, layers),
    apply(params, x) {
      const inner = relu(layers.bn1.apply(params.bn1, layers.conv1.apply(params.conv1, x)));
      const outer = layers.bn2.apply(params.bn2, layers.conv2.apply(params.conv2, inner));
      if (!downsample) return relu(add(outer, x));
      const own = params.downsample!;
      return relu(add(outer, downsample["1"].apply(own["1"], downsample["0"].apply(own["0"], x))));
    },
  };
}

const layout = "channels-last";

interface Shortcut {
  readonly "0": ReturnType<typeof conv2d>;
  readonly "1": ReturnType<typeof groupNorm>;
}

function parts({ inputs, outputs, stride, groups }: BasicBlockOptions) {
  const norm = () => groupNorm({ groups, channels: outputs, layout });
  const conv = (options: { inputs: number; kernel: number; stride: number }) =>
    conv2d({ ...options, outputs, padding: Math.floor(options.kernel / 2), bias: false, layout });
  const shortcut: { readonly downsample?: Shortcut } =
    stride === 1 && inputs === outputs
      ? {}
      : { downsample: { "0": conv({ inputs, kernel: 1, stride }), "1": norm() } };
  return {
    conv1: conv({ inputs, kernel: 3, stride }),
    bn1: norm(),
    conv2: conv({ inputs: outputs, kernel: 3, stride: 1 }),
    bn2: norm(),
    ...shortcut,
  };
}

import { mean, moveAxis, relu } from "../../engine/tensor/index.ts";
import { checkCounts, checkItems } from "../check.ts";
import { indexed, initEach, type ParamsOf } from "../compose.ts";
import { conv2d } from "../layers/conv.ts";
import { linear } from "../layers/linear.ts";
import { groupNorm } from "../layers/norm.ts";
import type { Layer } from "../model.ts";
import { basicBlock } from "./basic-block.ts";
import { spatialSoftmax } from "./spatial-softmax.ts";

export interface ImageEncoderOptions {
  /** Of one image: [channels, height, width]. */
  readonly shape: readonly [number, number, number];
  /** Length of the result. */
  readonly features: number;
  /** Channels by stage, each stage but the first half as large as the one before; [64, 128, 256, 512] unless given. */
  readonly widths?: readonly number[];
  /** Residual blocks; 2 unless given. */
  readonly blocksPerStage?: number;
  /** Of the group norms; 8 unless given. */
  readonly groups?: number;
  /** What becomes of the last map: its mean, or where each of `keypoints` maps is; "mean" unless given. */
  readonly pool?: "mean" | "spatialSoftmax";
  /** For the spatial softmax; 32 unless given. */
  readonly keypoints?: number;
  /** Of the first convolution, odd; 7 unless given. */
  readonly stemKernel?: number;
  /** 2 unless given; 4 makes up for the pooling that ResNet has after its first convolution. */
  readonly stemStride?: number;
}

export type ImageEncoderParams = ParamsOf<ReturnType<typeof parts>>;

/**
 * A ResNet [he2015] with GroupNorm for BatchNorm, as in diffusion policy: image [batch, channels, height, width] ->
 * [batch, features]. Odd lengths are halved upwards. Works channels last inside.
 */
export function imageEncoder(options: ImageEncoderOptions): Layer<ImageEncoderParams> {
  const layers = parts(options);
  return {
    init: (key) => initEach(key, layers),
    apply(params, image) {
      checkItems("imageEncoder", image, options.shape);
      const stem = layers.conv1.apply(params.conv1, moveAxis(image, 1, -1));
      let h = relu(layers.bn1.apply(params.bn1, stem));
      for (const [stage, blocks] of Object.entries(layers.stages)) {
        for (const [i, block] of Object.entries(blocks)) h = block.apply(params.stages[stage]![i]!, h);
      }
      const pooled = layers.keypoints
        ? spatialSoftmax(layers.keypoints.apply(params.keypoints!, h))
        : mean(h, { axes: [1, 2] });
      return layers.fc.apply(params.fc, pooled);
    },
  };
}

const layout = "channels-last";

function parts(options: ImageEncoderOptions) {
  const { shape, features, widths = [64, 128, 256, 512], blocksPerStage = 2, groups = 8 } = options;
  const { pool = "mean", keypoints = 32, stemKernel = 7, stemStride = 2 } = options;
  checkCounts("imageEncoder", { features, stages: widths.length, blocksPerStage, keypoints });
  const deepest = widths.at(-1)!;
  const maps: { readonly keypoints?: ReturnType<typeof conv2d> } =
    pool === "mean" ? {} : { keypoints: conv2d({ inputs: deepest, outputs: keypoints, kernel: 1, layout }) };
  return {
    conv1: conv2d({
      inputs: shape[0],
      outputs: widths[0]!,
      kernel: stemKernel,
      stride: stemStride,
      padding: Math.floor(stemKernel / 2),
      bias: false,
      layout,
    }),
    bn1: groupNorm({ groups, channels: widths[0]!, layout }),
    stages: indexed(widths.map((_, i) => stage({ widths, groups, count: blocksPerStage }, i))),
    ...maps,
    fc: linear({ inputs: pool === "mean" ? deepest : 2 * keypoints, outputs: features }),
  };
}

/** Stage i: all but the first begin by halving the lengths. */
function stage(plan: { widths: readonly number[]; groups: number; count: number }, i: number) {
  const outputs = plan.widths[i]!;
  const before = plan.widths[i - 1] ?? outputs;
  const blocks = Array.from({ length: plan.count }, (_, j) =>
    basicBlock({
      inputs: j === 0 ? before : outputs,
      outputs,
      stride: i > 0 && j === 0 ? 2 : 1,
      groups: plan.groups,
    }),
  );
  return indexed(blocks);
}

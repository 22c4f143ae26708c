import { type NdArray, ndarray } from "../../../engine/array/index.ts";
import { rasterize } from "../drawing/rasterize.ts";
import type { Point } from "../drawing/scene.ts";
import type { Pose } from "./block.ts";
import { blockKeypoints, blockVertices } from "./keypoints.ts";
import { pushTScene } from "./scene.ts";

/** What can be observed: the agent's place, the block's pose (angle not wrapped) and the goal. */
export interface PushTView {
  readonly agent: Point;
  readonly block: Pose;
  readonly goal: Pose;
}

/** How an observation is made of what is there. */
export type Observe<O> = (view: PushTView) => O;

const vector = (values: readonly number[]) => ndarray(new Float64Array(values), [values.length]);

const turn = 2 * Math.PI;

/** Agent x, y, block x, y (pixels) and block angle in [0, 2 pi): float64 [5]. The angle jumps at 2 pi. */
export const stateObservation: Observe<NdArray<"float64">> = ({ agent: [x, y], block }) => {
  const angleRad = ((block.angleRad % turn) + turn) % turn;
  return vector([x, y, block.x, block.y, angleRad]);
};

/** Nine keypoints of the block, then the agent, x and y in turn: float64 [20]. */
export const keypointObservation: Observe<NdArray<"float64">> = ({ agent, block }) =>
  vector([...blockKeypoints(block), ...agent]);

/** The eight corners of bar and stem, then the agent, x and y in turn: float64 [18]. */
export const cornerObservation: Observe<NdArray<"float64">> = ({ agent, block }) =>
  vector([...blockVertices(block), ...agent]);

export interface PixelObservation {
  /** uint8 [size, size, 3], rows from the top. */
  readonly image: NdArray<"uint8">;
  /** float64 [2]. */
  readonly agent: NdArray<"float64">;
}

/** The picture as the demonstrations recorded it, 96 x 96 unless `size` says else, and the agent. Throws as `rasterize`. */
export function pixelObservation({ size = 96 } = {}): Observe<PixelObservation> {
  return (view) => ({
    image: rasterize(pushTScene(view), { width: size, height: size }),
    agent: vector(view.agent),
  });
}

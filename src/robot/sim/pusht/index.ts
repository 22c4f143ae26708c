export { defaultGoal, type Pose } from "./block.ts";
export { blockKeypoints, blockVertices } from "./keypoints.ts";
export {
  cornerObservation,
  keypointObservation,
  type Observe,
  type PixelObservation,
  type PushTView,
  pixelObservation,
  stateObservation,
} from "./observe.ts";
export { type PushTOptions, type PushTStep, pushT } from "./pusht.ts";
export { pushTScene } from "./scene.ts";
export type { PoseOrder } from "./world.ts";

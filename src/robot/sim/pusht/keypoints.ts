import { bar, type Pose, placed, stem } from "./block.ts";

/** Nine points on the block in its frame, as diffusion policy drew them once (farthest points of its pixels) [chi2023]. */
export const keypoints = [
  [9.269786713763871, 90.04097352393619],
  [-60.983472364471474, -1.1867297607997276],
  [60.91275557727772, -1.3933642242328201],
  [-0.2705034390160016, 25.54362499146542],
  [-14.064927576212233, 122.81585355412153],
  [39.002738500170146, 32.857404276587566],
  [-39.966414424694534, 32.729655446429945],
  [-16.82434437939744, 62.86317892234989],
  [23.54146122024909, -1.7002881094626152],
] as const;

/** The nine keypoints of a block in the world, x and y in turn: [18]. */
export function blockKeypoints(pose: Pose): Float64Array {
  return placed(keypoints, pose);
}

/** The corners of bar and stem in the world, x and y in turn, [16]: gym-pusht's `environment_state`. */
export function blockVertices(pose: Pose): Float64Array {
  return placed([...bar, ...stem], pose);
}

import { describe, expect, test } from "vitest";
import { blockArea } from "../../../../src/robot/sim/pusht/block.ts";
import {
  blockCoverage,
  rewardOf,
  ringsAt,
  successCoverage,
} from "../../../../src/robot/sim/pusht/coverage.ts";
import { blockKeypoints, blockVertices } from "../../../../src/robot/sim/pusht/keypoints.ts";
import { sampleStart } from "../../../../src/robot/sim/pusht/start.ts";
import { type PoseOrder, type PushTState, world } from "../../../../src/robot/sim/pusht/world.ts";
import { randomState } from "../../../../src/robot/sim/random-state.ts";
import { type GoldenArray, type GoldenCase, goldenFile } from "../../../nn/golden-file.ts";
import { collisions } from "./collisions.ts";

const file = goldenFile("pusht");
const byOp = (op: string) => file.cases.filter(({ inputs }) => inputs.op === op);
const only = (op: string) => byOp(op)[0]!;
const rows = ({ shape, data }: GoldenArray): number[][] =>
  Array.from({ length: shape[0]! }, (_, i) => data.slice(i * shape[1]!, (i + 1) * shape[1]!) as number[]);
const named = ({ inputs, expected }: GoldenCase) => ({
  initial: (inputs.initial_state as GoldenArray).data as unknown as PushTState,
  order: orderOf(inputs.set_state_order as string),
  actions: rows(inputs.actions as GoldenArray),
  expected,
});
const orderOf = (name: string) => name.replaceAll("_", "-") as PoseOrder;

function expectNear(got: readonly number[], want: readonly number[], tolerance: number): void {
  expect(got.length).toBe(want.length);
  const worst = Math.max(...want.map((value, i) => Math.abs(got[i]! - value) / (1 + Math.abs(value))));
  expect(worst).toBeLessThan(tolerance);
}

/** The columns of the golden traces. */
function columns({ agent, block }: ReturnType<typeof world>): number[] {
  const pose = [block.originX, block.originY, block.angleRad];
  return [agent.x, agent.y, agent.vx, agent.vy, ...pose, block.vx, block.vy, block.w];
}

test("the block has the golden constants", () => {
  const { expected } = only("constants");
  const { block, space } = world([100, 100, 200, 200, 0], "angle-then-position");
  expect(1 / block.inverseMass).toBe(expected.block_mass);
  expect(1 / block.inverseMoment).toBe(expected.block_moment);
  expect([block.cogX, block.cogY]).toEqual((expected.block_cog_local as GoldenArray).data);
  const [bar, stem] = space.blocks.map(({ vertices }) => [...vertices]);
  expect(bar).toEqual((expected.bar_vertices as GoldenArray).data);
  expect(stem).toEqual((expected.stem_vertices as GoldenArray).data);
  expect(blockArea).toBe(expected.goal_area);
});

describe("every substep of a golden trace: pose, velocity, bias velocity, contacts in the solver's order", () => {
  test.each(byOp("substep_trace").map((one) => [one.name, named(one)] as const))("%s", (_, one) => {
    const { initial, order, actions, expected } = one;
    const simulated = world(initial, order);
    const contacts = expected.contacts as number[][][];
    const trace = [columns(simulated)];
    const bias = [biasOf(simulated)];
    const touched: number[][][] = [contactsOf(simulated)];
    for (const [x, y] of actions) {
      for (let i = 0; i < 10; i++) {
        simulated.substep(x!, y!);
        trace.push(columns(simulated));
        bias.push(biasOf(simulated));
        touched.push(contactsOf(simulated));
      }
    }
    expectNear(trace.flat(), (expected.trace as GoldenArray).data, 1e-9);
    expectNear(bias.flat(), (expected.bias_velocity as GoldenArray).data, 1e-9);
    expect(touched.slice(-contacts.length)).toEqual(contacts);
  });

  const biasOf = ({ block }: ReturnType<typeof world>) => [block.biasX, block.biasY, block.biasW];
  const contactsOf = ({ space }: ReturnType<typeof world>) =>
    space.active.map(({ a, b, count }) => [a.id, b.id, count]);
});

describe("golden rollouts of people and of chance", () => {
  test.each(byOp("control_rollout").map((one) => [one.name, one] as const))("%s", (_, one) => {
    const { initial, order, actions, expected } = named(one);
    const simulated = world(initial, order);
    expectNear(sampleStart(randomState(one.inputs.reset_seed as number)), initial, 1e-12);
    const states = [columns(simulated)];
    for (const [x, y] of actions) {
      for (let i = 0; i < 10; i++) simulated.substep(x!, y!);
      states.push(columns(simulated));
    }
    expectNear(states.flat(), (expected.states as GoldenArray).data, 1e-8);
    const goal = ringsAt({ x: 256, y: 256, angleRad: Math.PI / 4 });
    const coverage = states.map((row) =>
      blockCoverage({ block: ringsAt({ x: row[4]!, y: row[5]!, angleRad: row[6]! }), goal }),
    );
    expectNear(coverage, (expected.coverage as GoldenArray).data, 1e-9);
  });
});

test("coverage, reward and success of the golden poses", () => {
  const { inputs, expected } = only("coverage");
  const poseOf = ([x, y, angleRad]: number[]) => ({ x: x!, y: y!, angleRad: angleRad! });
  const goal = ringsAt(poseOf((inputs.goal_pose as GoldenArray).data as number[]));
  const coverage = rows(inputs.block_pose as GoldenArray).map((row) =>
    blockCoverage({ block: ringsAt(poseOf(row)), goal }),
  );
  expectNear(coverage, (expected.coverage as GoldenArray).data, 1e-10);
  expectNear(coverage.map(rewardOf), (expected.reward as GoldenArray).data, 1e-10);
  expect(coverage.map((part) => part > successCoverage)).toEqual(expected.success);
});

test("starts drawn from seeds, and observations after them in both orders", () => {
  const { inputs, expected } = only("reset_seed");
  const seeds = inputs.seeds as number[];
  const starts = seeds.map((seed) => sampleStart(randomState(seed)));
  expect(starts.flatMap((start) => start.slice(0, 4))).toEqual((expected.randint_draws as GoldenArray).data);
  expectNear(starts.flat(), (expected.sampled_state as GoldenArray).data, 1e-14);
  for (const order of ["position_then_angle", "angle_then_position"]) {
    const seen = starts.map((start) => {
      const { agent, block } = world(start, orderOf(order));
      return [agent.x, agent.y, block.originX, block.originY, wrapped(block.angleRad)];
    });
    expectNear(seen.flat(), (expected[`observation_after_reset_${order}`] as GoldenArray).data, 1e-9);
  }
});

test("both orders of setting a state", () => {
  const { inputs, expected } = only("set_state");
  for (const order of ["position_then_angle", "angle_then_position"]) {
    const seen = rows(inputs.states as GoldenArray).map((state) => {
      const simulated = world(state as unknown as PushTState, orderOf(order));
      const { agent, block } = simulated;
      const observed = [agent.x, agent.y, block.originX, block.originY, wrapped(block.angleRad)];
      return [...columns(simulated), ...observed];
    });
    expectNear(seen.flat(), (expected[`${order}_full_plus_obs`] as GoldenArray).data, 1e-9);
  }
});

const wrapped = (angleRad: number) => ((angleRad % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);

test("keypoints of both kinds", () => {
  const { inputs, expected } = only("keypoints");
  const poses = rows(inputs.block_pose as GoldenArray).map(([x, y, a]) => ({ x: x!, y: y!, angleRad: a! }));
  const nine = poses.flatMap((pose) => [...blockKeypoints(pose)]);
  const eight = poses.flatMap((pose) => [...blockVertices(pose)]);
  expectNear(nine, (expected.diffusion_policy_9 as GoldenArray).data, 1e-9);
  expectNear(eight, (expected.gym_pusht_8 as GoldenArray).data, 1e-9);
});

describe("golden contacts of", () => {
  test.each(["collide_circle_polygon", "collide_segment_polygon"])("%s", (op) => {
    const { got, want } = collisions(only(op));
    expect(got.map(({ count }) => count)).toEqual(want.map(({ count }) => count));
    expect(new Set(got.map(({ count }) => count)).size).toBeGreaterThan(1);
    expectNear(
      got.flatMap(({ numbers }) => numbers),
      want.flatMap(({ numbers }) => numbers),
      1e-9,
    );
  });
});

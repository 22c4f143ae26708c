import { describe, expect, test } from "vitest";
import { body, moveTo } from "../../../../src/robot/sim/physics/body.ts";
import { disc, polygon } from "../../../../src/robot/sim/physics/shapes.ts";
import { insert, leaf, type Node, remove, type Tree } from "../../../../src/robot/sim/physics/tree.ts";
import { type PushTState, type World, world } from "../../../../src/robot/sim/pusht/world.ts";
import { type GoldenArray, goldenFile } from "../../../nn/golden-file.ts";

const human = goldenFile("pusht").cases.filter(({ name }) => name.startsWith("human_episode"));
const actionsOf = (i: number) => (human[i]!.inputs.actions as GoldenArray).data;
const startOf = (i: number) => (human[i]!.inputs.initial_state as GoldenArray).data as unknown as PushTState;

/** Calls `see` after each substep of a recorded episode. */
function replay(i: number, see: (world: World) => void): void {
  const simulated = world(startOf(i), "position-then-angle");
  const actions = actionsOf(i);
  for (let k = 0; k < actions.length; k += 2) {
    for (let n = 0; n < 10; n++) {
      simulated.substep(actions[k]!, actions[k + 1]!);
      see(simulated);
    }
  }
}

describe("while people push", () => {
  test("the block's momentum is the sum of the contacts' impulses, none of which pulls", () => {
    let touched = 0;
    replay(0, ({ block, space }) => {
      let [px, py, turn] = [0, 0, 0];
      for (const { nx, ny, count, contacts, isFirst } of space.active) {
        if (isFirst && contacts[0].impulse > 0) return; // found again: an impulse is kept that was not applied
        for (const { impulse, r2x, r2y } of contacts.slice(0, count)) {
          expect(impulse).toBeGreaterThanOrEqual(0);
          px += nx * impulse;
          py += ny * impulse;
          turn += (r2x * ny - r2y * nx) * impulse;
        }
        touched++;
      }
      expect(Math.abs(block.vx / block.inverseMass - px)).toBeLessThan(1e-9);
      expect(Math.abs(block.vy / block.inverseMass - py)).toBeLessThan(1e-9);
      expect(Math.abs(block.w / block.inverseMoment - turn)).toBeLessThan(1e-6);
    });
    expect(touched).toBeGreaterThan(100);
  });

  test("a contact never gives the block more energy than the work of the agent's surface", () => {
    replay(1, ({ agent, block, space }) => {
      const energy = (block.vx ** 2 + block.vy ** 2) / 2 + block.w ** 2 / block.inverseMoment / 2;
      let work = 0;
      for (const { a, nx, ny, contacts, count } of space.active) {
        if (a.kind !== "disc") continue;
        const speed = agent.vx * nx + agent.vy * ny;
        for (const { impulse } of contacts.slice(0, count)) work += impulse * speed;
      }
      expect(energy).toBeLessThanOrEqual(Math.max(work, 0) + 1e-9);
    });
  });

  test("the block stays where it is when nothing touches it, whatever pushed it before", () => {
    let before: number[] | undefined;
    let still = 0;
    replay(2, ({ block, space }) => {
      const now = [block.x, block.y, block.angleRad];
      const isFree = space.active.length === 0;
      if (isFree) expect([block.vx, block.vy, block.w]).toEqual([0, 0, 0]);
      if (isFree && before !== undefined) {
        expect(now).toEqual(before);
        still++;
      }
      before = isFree ? now : undefined;
    });
    expect(still).toBeGreaterThan(100);
  });
});

test("overlaps are pushed apart, a part of what exceeds the slop in each substep", () => {
  const simulated = world([100, 100, 160, 100, -Math.PI / 2], "angle-then-position");
  const { block, agent } = simulated;
  const depth = () => 15 - (block.originX - agent.x);
  moveTo(agent, 150, 100);
  simulated.space.moved();
  const depths = [depth()];
  for (let i = 0; i < 200; i++) {
    simulated.substep(agent.x, agent.y);
    depths.push(depth());
  }
  expect(depths[0]).toBeCloseTo(5, 6);
  expect(depths.at(-1)).toBeCloseTo(0.1, 4);
  for (let i = 1; i < depths.length; i++) expect(depths[i]!).toBeLessThanOrEqual(depths[i - 1]! + 1e-12);
});

/** (x, y) to (512 - y, 512 - x) maps the goal onto itself, and the T onto a T. */
test.each([0, 1, 2])("mirrored actions give the mirrored episode, recorded episode %i", (i) => {
  const [ax, ay, bx, by, angleRad] = startOf(i);
  const actions = actionsOf(i);
  const one = world([ax, ay, bx, by, angleRad], "angle-then-position");
  const two = world([512 - ay, 512 - ax, 512 - by, 512 - bx, Math.PI / 2 - angleRad], "angle-then-position");
  let worst = 0;
  let moved = 0;
  for (let k = 0; k < actions.length; k += 2) {
    for (let n = 0; n < 10; n++) {
      one.substep(actions[k]!, actions[k + 1]!);
      two.substep(512 - actions[k + 1]!, 512 - actions[k]!);
    }
    const { block, space } = one;
    if (space.active.some(({ a }) => a.kind === "wall")) break;
    worst = Math.max(worst, Math.abs(512 - block.originY - two.block.originX));
    worst = Math.max(worst, Math.abs(512 - block.originX - two.block.originY));
    worst = Math.max(worst, Math.abs(Math.PI / 2 - block.angleRad - two.block.angleRad));
    moved = Math.max(moved, Math.abs(block.originX - bx));
  }
  expect(moved).toBeGreaterThan(10);
  expect(worst).toBeLessThan(1e-6);
});

describe("the tree of boxes", () => {
  const boxed = ([left, bottom, right, top]: readonly number[]): Node => {
    const owner = body({ mass: 1, moment: 1, cog: [0, 0] });
    const points = [
      [left!, bottom!],
      [right!, bottom!],
      [right!, top!],
      [left!, top!],
    ] as const;
    return leaf(polygon({ id: 0, body: owner, points }));
  };

  test("grows as Chipmunk's: agent, bar and stem of a new arena stand as (bar, (stem, agent))", () => {
    const agentBody = body({ mass: 1, moment: 1, cog: [0, 0] });
    moveTo(agentBody, 256, 400);
    const agent = leaf(disc({ id: 4, body: agentBody, radius: 15 }));
    const bar = boxed([196, 300, 316, 330]);
    const stem = boxed([241, 330, 271, 420]);
    const tree: Tree = { root: null, spare: [] };
    for (const node of [agent, bar, stem]) insert(tree, node);
    expect(tree.root!.a).toBe(bar);
    expect([tree.root!.b!.a, tree.root!.b!.b]).toEqual([stem, agent]);
    expect([...tree.root!.box]).toEqual([196, 300, 316, 420]);
    remove(tree, bar);
    expect([tree.root!.a, tree.root!.b]).toEqual([stem, agent]);
    insert(tree, bar);
    expect([...tree.root!.box]).toEqual([196, 300, 316, 420]);
    for (const node of [stem, agent, bar]) remove(tree, node);
    expect(tree.root).toBeNull();
  });
});

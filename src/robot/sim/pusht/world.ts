import { type Body, body, moveTo, turnTo } from "../physics/body.ts";
import { disc, wall } from "../physics/shapes.ts";
import { type Space, space } from "../physics/space.ts";
import { blockBody, blockPolygons } from "./block.ts";

/**
 * What a reset does first with the block: "position-then-angle" turns it about its centre of gravity after it was put
 * in place, which moves it (the published protocol, and what the recorded demonstrations did); "angle-then-position"
 * puts it where the state says.
 */
export type PoseOrder = "position-then-angle" | "angle-then-position";

/** The state of a start: agent x and y, block x and y (pixels), block angle (radians). */
export type PushTState = readonly [number, number, number, number, number];

/** Agent, block and walls of PushT, in substeps of 10 ms. */
export interface World {
  readonly agent: Body;
  readonly block: Body;
  readonly space: Space;
  /** One substep: the agent is drawn to (x, y) like a damped spring, whatever is in its way. */
  substep(x: number, y: number): void;
}

export const agentRadius = 15;
export const arenaSize = 512;
/** The segments of the walls, by shape id. */
export const wallEnds = [
  [5, 506, 5, 5],
  [5, 5, 506, 5],
  [506, 5, 506, 506],
  [5, 506, 506, 506],
] as const;
export const wallRadius = 2;

/** Substeps in a step of 0.1 s, and their length. */
export const substeps = 10;
const substepSeconds = 0.01;
/** Acceleration = stiffness (target - position) - damping velocity. */
const stiffness = 100;
const damping = 20;

/**
 * A new world in a state. Shapes are first laid out elsewhere, and a substep is taken at the end, both as the
 * reference does: the order of contacts and what overlaps at the start depend on it.
 */
export function world([agentX, agentY, blockX, blockY, angleRad]: PushTState, order: PoseOrder): World {
  const agent = body({ mass: Infinity, moment: Infinity, cog: [0, 0] });
  const block = blockBody();
  moveTo(agent, 256, 400);
  moveTo(block, 256, 300);
  const scene = arena(agent, block);
  moveTo(agent, agentX, agentY);
  if (order === "position-then-angle") {
    moveTo(block, blockX, blockY);
    turnTo(block, angleRad);
  } else {
    turnTo(block, angleRad);
    moveTo(block, blockX, blockY);
  }
  scene.moved();
  scene.step(substepSeconds);
  return { agent, block, space: scene, substep: (x, y) => substep(agent, scene, x, y) };
}

function arena(agent: Body, block: Body): Space {
  const ground = body({ mass: Infinity, moment: Infinity, cog: [0, 0] });
  const walls = wallEnds.map(([ax, ay, bx, by], id) =>
    wall({ id, body: ground, radius: wallRadius, ax, ay, bx, by }),
  );
  const pusher = disc({ id: walls.length, body: agent, radius: agentRadius });
  return space({ walls, disc: pusher, blocks: blockPolygons(block, walls.length + 1) });
}

function substep(agent: Body, scene: Space, x: number, y: number): void {
  agent.vx += (stiffness * (x - agent.x) + damping * (0 - agent.vx)) * substepSeconds;
  agent.vy += (stiffness * (y - agent.y) + damping * (0 - agent.vy)) * substepSeconds;
  scene.step(substepSeconds);
}

import { body, moveTo, turnTo } from "../../../../src/robot/sim/physics/body.ts";
import {
  discPolygon,
  type Manifold,
  manifold,
  wallPolygon,
} from "../../../../src/robot/sim/physics/collide.ts";
import { disc, type Polygon, updatePolygon, wall } from "../../../../src/robot/sim/physics/shapes.ts";
import { blockBody, blockPolygons } from "../../../../src/robot/sim/pusht/block.ts";
import type { GoldenArray, GoldenCase } from "../../../nn/golden-file.ts";

interface Item {
  readonly shape: "bar" | "stem";
  readonly block_pose: GoldenArray;
  readonly circle_centre: GoldenArray;
  readonly wall: number;
}

interface Want {
  readonly count: number;
  readonly normal: GoldenArray | null;
  readonly points_a_b_distance: GoldenArray;
}

interface Touching {
  readonly count: number;
  /** Normal, then points on both and their distance along the normal, contact by contact. */
  readonly numbers: readonly number[];
}

/** The contacts that advect finds for the items of a golden case, and those of the reference. */
export function collisions({ inputs, expected }: GoldenCase): { got: Touching[]; want: Touching[] } {
  const find = inputs.op === "collide_circle_polygon" ? discAgainst(inputs) : wallAgainst(inputs);
  const got = (inputs.items as Item[]).map((item) => {
    const out = manifold();
    find(item, polygonOf(item), out);
    return { count: out.count, numbers: numbersOf(out) };
  });
  const want = (expected.items as Want[]).map(({ count, normal, points_a_b_distance }) => ({
    count,
    numbers: count === 0 ? [] : [...normal!.data, ...points_a_b_distance.data],
  }));
  return { got, want };
}

type Find = (item: Item, polygon: Polygon, out: Manifold) => void;
const fixed = () => body({ mass: Infinity, moment: Infinity, cog: [0, 0] });

function discAgainst(inputs: GoldenCase["inputs"]): Find {
  return ({ circle_centre }, polygon, out) => {
    const agent = fixed();
    moveTo(agent, circle_centre.data[0]!, circle_centre.data[1]!);
    discPolygon(disc({ id: 4, body: agent, radius: inputs.circle_radius as number }), polygon, out);
  };
}

function wallAgainst(inputs: GoldenCase["inputs"]): Find {
  const radius = inputs.segment_radius as number;
  return (item, polygon, out) => {
    const [ax, ay, bx, by] = (inputs.walls as GoldenArray).data.slice(4 * item.wall, 4 * item.wall + 4);
    const ends = { ax: ax!, ay: ay!, bx: bx!, by: by! };
    wallPolygon(wall({ id: item.wall, body: fixed(), radius, ...ends }), polygon, out);
  };
}

function polygonOf({ shape, block_pose }: Item): Polygon {
  const block = blockBody();
  const [x, y, angleRad] = block_pose.data;
  turnTo(block, angleRad!);
  moveTo(block, x!, y!);
  const found = blockPolygons(block, 5)[shape === "bar" ? 0 : 1]!;
  updatePolygon(found);
  return found;
}

function numbersOf({ count, nx, ny, contacts }: Manifold): number[] {
  if (count === 0) return [];
  const points = contacts.slice(0, count).flatMap(({ ax, ay, bx, by }) => {
    const distance = (bx - ax) * nx + (by - ay) * ny;
    return [ax, ay, bx, by, distance];
  });
  return [nx, ny, ...points];
}

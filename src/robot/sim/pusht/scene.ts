import type { Mark, Point, Rgb, Scene } from "../drawing/scene.ts";
import { bar, type Pose, placed, stem } from "./block.ts";
import { agentRadius, arenaSize, wallEnds, wallRadius } from "./world.ts";

const white: Rgb = [255, 255, 255];
const lightGreen: Rgb = [144, 238, 144];
const lightGray: Rgb = [211, 211, 211];
const royalBlue: Rgb = [65, 105, 225];
const slateGray: Rgb = [119, 136, 153];
const outlineWidth = 4;

export interface PushTScene {
  readonly agent: Point;
  readonly block: Pose;
  readonly goal: Pose;
}

/** The picture of PushT as its demonstrations were recorded: goal, block with outline, agent, walls. */
export function pushTScene({ agent, block, goal }: PushTScene): Scene {
  const marks = [
    ...[bar, stem].map(
      (points): Mark => ({ kind: "polygon", points: corners(points, goal), color: lightGreen }),
    ),
    ...[bar, stem].flatMap((points) => outlined(corners(points, block))),
    disc(agent, agentRadius, royalBlue),
    disc(agent, agentRadius - outlineWidth, lighter(royalBlue)),
    ...walls,
  ];
  return { width: arenaSize, height: arenaSize, background: white, marks };
}

const walls = wallEnds.map(
  ([ax, ay, bx, by]): Mark => ({
    kind: "line",
    from: [ax, ay],
    to: [bx, by],
    width: 2 * wallRadius,
    color: lightGray,
  }),
);

function outlined(points: Point[]): Mark[] {
  const edges = points.map((from, i): Mark => {
    const to = points[(i + 1) % points.length]!;
    return { kind: "line", from, to, width: outlineWidth, color: slateGray };
  });
  return [{ kind: "polygon", points, color: lighter(slateGray) }, ...edges];
}

function disc(center: Point, radius: number, color: Rgb): Mark {
  return { kind: "disc", center, radius, color };
}

function corners(points: typeof bar, pose: Pose): Point[] {
  const flat = placed(points, pose);
  return points.map((_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}

/** A fifth brighter. */
function lighter([red, green, blue]: Rgb): Rgb {
  const brighter = (value: number) => Math.min(255, Math.round(1.2 * value));
  return [brighter(red), brighter(green), brighter(blue)];
}

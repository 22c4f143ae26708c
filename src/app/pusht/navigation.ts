import type { PolicyComparison, PolicyRow } from "./compare.ts";

/** Whether a method keeps both ways round an obstacle. */
export interface Ways {
  readonly sampler: string;
  /** Of the episodes, by the way that they took; those without one never passed the middle. */
  readonly above: number;
  readonly below: number;
  readonly none: number;
  /** The rarer way's part of all episodes: 0.5 where both are as frequent, 0 where one is lost. */
  readonly coverage: number;
  /** Episodes in which the robot ran into something. */
  readonly collided: number;
  readonly successRate: number;
}

/** What the rows of a comparison on the navigation task did. */
export function waysOf({ rows }: Pick<PolicyComparison, "rows">): Ways[] {
  return rows.map(({ sampler, episodes, evaluation }: PolicyRow) => {
    const count = (way: string) => episodes.filter(({ facts }) => facts.way === way).length;
    const [above, below] = [count("above"), count("below")];
    return {
      sampler,
      above,
      below,
      none: count("none"),
      coverage: Math.min(above, below) / episodes.length,
      collided: episodes.filter(({ facts }) => Number(facts.collisions) > 0).length,
      successRate: evaluation.successRate,
    };
  });
}

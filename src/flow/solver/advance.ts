import type { Driver, Proposal } from "./driver.ts";
import type { Outputs } from "./outputs.ts";
import { type Run, slopeOf } from "./run.ts";
import { attempt, combine, type Stages } from "./system.ts";

/** One attempted step of every group that is not done. */
export async function advance(run: Run, driver: Driver, out: Outputs): Promise<void> {
  const { system, x, t } = run;
  const proposals = Array.from(t, (time, g) =>
    run.stops[g] ? { dt: 0, arrival: time } : driver.propose(g, time),
  );
  const dt = Float64Array.from(proposals, (proposal) => proposal.dt);
  const slope = await slopeOf(run);
  const stages = await attempt(system, driver.tableau, { x, slope, t, dt, count: driver.count });
  const accepted = driver.judge(run, { dt, slope, stages });
  dt.forEach((length, group) => {
    if (length !== 0) run.steps.push({ group, t: t[group]!, dt: length, accepted: accepted[group]! });
  });
  const step = { proposals, dt, slope, stages, accepted };
  arrive(run, { ...step, end: await endSlope(run, step, driver, out) }, driver, out);
  driver.finish(run);
}

interface Step {
  readonly proposals: readonly Proposal[];
  readonly dt: Float64Array;
  readonly slope: Float64Array;
  readonly stages: Stages;
  readonly accepted: readonly boolean[];
}

/** v after the step: the last stage where it serves, else evaluated if a time inside of the step is asked for. */
async function endSlope(
  { system, x, t }: Run,
  { proposals, slope, stages, accepted }: Step,
  driver: Driver,
  out: Outputs,
): Promise<Float64Array | undefined> {
  const ofGroup = (e: number) => accepted[Math.floor(e / system.width)];
  if (!accepted.includes(true)) return slope;
  if (driver.reuse) {
    const last = stages.slopes.at(-1)!;
    return accepted.includes(false) ? slope.map((value, e) => (ofGroup(e) ? last[e]! : value)) : last;
  }
  const inside = accepted.some((taken, g) => taken && out.inside(g, proposals[g]!.arrival));
  if (driver.linear || !inside) return undefined;
  return system.evaluate(
    x.map((value, e) => (ofGroup(e) ? stages.next[e]! : value)),
    t.map((time, g) => (accepted[g] ? proposals[g]!.arrival : time)),
  );
}

/** Moves the accepted groups to the ends of their steps. */
function arrive(
  run: Run,
  { proposals, dt, slope, stages, accepted, end }: Step & { readonly end: Float64Array | undefined },
  driver: Driver,
  out: Outputs,
): void {
  const { system, x, t } = run;
  const weights = driver.middle;
  const middle = weights && end && combine(x, stages.slopes, { weights, dt, width: system.width });
  for (const g of accepted.keys()) {
    if (!accepted[g]) continue;
    const part = (values: Float64Array) => values.slice(g * system.width, (g + 1) * system.width);
    const ends = { t: t[g]!, dt: dt[g]!, from: part(x), to: part(stages.next) };
    const slopes = end && !driver.linear ? { slopes: [part(slope), part(end)] as const } : {};
    const { arrival } = proposals[g]!;
    out.add(g, { ...ends, ...slopes, ...(middle ? { middle: part(middle) } : {}) }, arrival);
    x.set(ends.to, g * system.width);
    t[g] = arrival;
    if (driver.done(arrival)) run.stops[g] = "finished";
  }
  run.slope = end;
}

import { AdvectError } from "../../engine/error.ts";
import type { ActionDimension } from "./action-dimension.ts";

/** Safe commands of dimensions that have none of their own, by name. */
export type SafeTorques = Readonly<Record<string, number>>;

/**
 * Throws "option" unless every dimension has a range low < high and positive limits, unless 0 is in the range of each
 * delta and velocity, and unless each torque has a safe command in its range.
 */
export function checkDimensions(
  where: string,
  { action, safeTorques }: { readonly action: readonly ActionDimension[]; readonly safeTorques: SafeTorques },
): void {
  if (action.length === 0) throw wrong(where, "at least one action dimension", "none");
  for (const dimension of action) {
    checkLimits(where, dimension);
    checkRest(where, { dimension, torque: safeTorques[dimension.name] });
  }
}

function checkLimits(where: string, { name, low, high, maxRate, maxAcceleration }: ActionDimension): void {
  if (!(low < high && Number.isFinite(high - low))) {
    throw wrong(where, `"${name}" to have finite low < high`, [low, high]);
  }
  for (const [limit, value] of Object.entries({ maxRate, maxAcceleration })) {
    if (value === undefined || value > 0) continue;
    throw wrong(where, `"${name}" to have ${limit} > 0`, value, "Leave it out where there is no limit.");
  }
}

interface Rest {
  readonly dimension: ActionDimension;
  readonly torque: number | undefined;
}

function checkRest(where: string, { dimension: { name, kind, low, high }, torque }: Rest): void {
  if ((kind === "delta" || kind === "velocity") && !(low <= 0 && high >= 0)) {
    const fix = "Its safe action is to run down to 0: widen the range.";
    throw wrong(where, `the range of the ${kind} "${name}" to contain 0`, [low, high], fix);
  }
  if (kind === "torque" && !(torque !== undefined && torque >= low && torque <= high)) {
    const fix = `Only you know what is safe: pass safeTorques: { "${name}": … }.`;
    throw wrong(where, `a safe command for the torque "${name}", from ${low} to ${high}`, torque, fix);
  }
}

function wrong(where: string, expected: string, got: unknown, fix?: string): AdvectError {
  return new AdvectError("option", where, { expected, got, ...(fix && { fix }) });
}

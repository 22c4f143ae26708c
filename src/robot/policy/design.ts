import { z } from "zod";
import { sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { PolicySpec } from "./policy.ts";
import { type Backbone, backboneSchema, type Method, methodSchema } from "./words.ts";

/** What a policy is made of, as plain data: with its scalings and its parameters it is a policy. */
export interface PolicyDesign {
  readonly spec: PolicySpec;
  readonly backbone: Backbone;
  readonly method: Method;
  /**
   * Where actions are counted from: these elements of the current frame of a feature, one for each dimension of an
   * action. Absolute unless given.
   */
  readonly relativeTo?: RelativeTo;
  /** What a chunk begins as: noise (default), or zeros, "rest", which always gives the same chunk. */
  readonly start?: "noise" | "rest";
}

export interface RelativeTo {
  readonly feature: string;
  readonly elements: readonly number[];
}

const count = z.int().min(1);
const index = z.int().min(0);
const positive = z.number().positive();

const dimensionSchema = z
  .strictObject({
    name: z.string().min(1),
    kind: z.enum(["position", "delta", "velocity", "torque"]),
    unit: z.string(),
    low: z.number(),
    high: z.number(),
    maxRate: positive.exactOptional(),
    maxAcceleration: positive.exactOptional(),
  })
  .refine(({ low, high }) => low < high, "low < high");

const specSchema = z
  .strictObject({
    name: z.string().min(1),
    observation: z.record(z.string().min(1), z.array(count)),
    obsHorizon: count,
    horizon: count,
    executeSteps: count,
    stepSeconds: positive,
    action: z.array(dimensionSchema).min(1),
  })
  .refine(({ executeSteps, horizon }) => executeSteps <= horizon, "executeSteps <= horizon")
  .refine(({ observation }) => Object.keys(observation).length > 0, "at least one feature to observe");

const designSchema = z.strictObject({
  spec: specSchema,
  backbone: backboneSchema,
  method: methodSchema,
  relativeTo: z.strictObject({ feature: z.string(), elements: z.array(index) }).exactOptional(),
  start: z.enum(["noise", "rest"]).exactOptional(),
});

/** A spec from data such as a file or a network message. Throws "format", naming the field. */
export function parsePolicySpec(value: unknown, where = "PolicySpec"): PolicySpec {
  return parsed<PolicySpec>(specSchema, value, where);
}

/** A design from a file. Throws "format", naming the field; "option" for parts that do not fit each other. */
export function parsePolicyDesign(value: unknown, where = "PolicyDesign"): PolicyDesign {
  const design = parsed<PolicyDesign>(designSchema, value, where);
  checkDesign(design, where);
  return design;
}

function parsed<T>(schema: z.ZodType, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data as T;
  const [issue] = result.error.issues;
  const path = issue!.path.join(".");
  throw new AdvectError("format", path === "" ? where : `${where}: ${path}`, {
    expected: issue!.message,
    got: "another value",
  });
}

/** Throws "option" unless `relativeTo` names one element of a feature for each dimension of an action. */
export function checkDesign({ spec, relativeTo }: PolicyDesign, where = "policy"): void {
  if (!relativeTo) return;
  const { feature, elements } = relativeTo;
  const size = Object.hasOwn(spec.observation, feature) ? sizeOf(spec.observation[feature]!) : 0;
  const fits = elements.length === spec.action.length && elements.every((element) => element < size);
  if (fits && size > 0) return;
  throw new AdvectError("option", `${where}: relativeTo`, {
    expected: `${spec.action.length} elements, below their count, of one of ${Object.keys(spec.observation).join(", ")}`,
    got: `elements ${elements.join(", ")} of ${feature}, which has ${size}`,
  });
}

/** Numbers in one frame of all features. */
export function frameSize({ observation }: Pick<PolicySpec, "observation">): number {
  return Object.values(observation).reduce((sum, shape) => sum + sizeOf(shape), 0);
}

/** Numbers that the network is told: all frames, each with all features. */
export const conditionSize = (spec: PolicySpec): number => spec.obsHorizon * frameSize(spec);

import { z } from "zod";
import {
  betaTime,
  condOT,
  cosine,
  cosineGrid,
  euler,
  fromBetas,
  heun2,
  heun3,
  linearBetas,
  linearVP,
  logitNormal,
  midpoint,
  polynomial,
  ralston,
  rk4,
  rk4ThreeEighths,
  type Scheduler,
  type Stepper,
  scaledLinearBetas,
  sigmoidBetas,
  squaredCosineBetas,
  swayGrid,
  type TimeSampler,
  uniformGrid,
  uniformTime,
  vp,
} from "../../flow/index.ts";
import { type Activation, activations } from "../../nn/index.ts";

const count = z.int().min(1);
const positive = z.number().positive();
const nonNegative = z.number().min(0);
const rate = z.number().min(0).lt(1);
const oneOf = <T extends object>(table: T) =>
  z.enum(Object.keys(table) as [keyof T & string, ...(keyof T & string)[]]);

const schedulers = { condOT, linearVP, cosine } as const;
const times = {
  uniform: () => uniformTime,
  logitNormal: () => logitNormal(),
  beta: () => betaTime(),
} as const;
const solvers = { euler, midpoint, heun2, heun3, ralston, rk4, rk4ThreeEighths } as const;
const grids = {
  uniform: uniformGrid,
  cosine: cosineGrid,
  sway: (steps: number) => swayGrid(steps),
} as const;
const betas = {
  squaredCosine: (levels: number) => squaredCosineBetas(levels),
  linear: (levels: number) => linearBetas(levels),
  scaledLinear: (levels: number) => scaledLinearBetas(levels),
  sigmoid: (levels: number) => sigmoidBetas(levels),
} as const;

const activationNames = Object.keys(activations).filter((name) => name !== "glu");
const activation = z.enum(activationNames as [Activation, ...Activation[]]);
const time = { timeSize: count.exactOptional(), timeScale: positive.exactOptional() };
const sizes = { hidden: count.exactOptional(), depth: count.exactOptional() };

/** The networks that policies are made of, with the options of advect/nn: what each `kind` may say. */
export const backboneWords = {
  residualMlp: {
    ...sizes,
    ...time,
    expansion: positive.exactOptional(),
    conditioning: z.enum(["add", "film", "adaln"]).exactOptional(),
    activation: activation.exactOptional(),
    timeOutputs: count.exactOptional(),
    dropout: rate.exactOptional(),
  },
  unet1d: {
    ...time,
    widths: z.array(count).min(1).exactOptional(),
    kernel: count.exactOptional(),
    groups: count.exactOptional(),
    blocksPerLevel: z.union([z.literal(1), z.literal(2)]).exactOptional(),
    film: z.enum(["scale-and-bias", "bias"]).exactOptional(),
  },
  dit: {
    ...sizes,
    ...time,
    patch: count.exactOptional(),
    heads: count.exactOptional(),
    expansion: positive.exactOptional(),
    positions: z.enum(["learned", "sinusoidal"]).exactOptional(),
    dropout: rate.exactOptional(),
  },
};

const error = z.enum(["squared", "absolute"]);

/** The ways from an observation to a chunk: what each `kind` may say. */
export const methodWords = {
  /** A velocity field from noise to chunks, integrated in `steps` steps. */
  flow: {
    path: z
      .union([
        oneOf(schedulers),
        z.strictObject({ kind: z.literal("polynomial"), n: positive }),
        z.strictObject({
          kind: z.literal("vp"),
          betaMin: positive.exactOptional(),
          betaMax: positive.exactOptional(),
        }),
      ])
      .exactOptional(),
    /** What the network is asked for; "velocity" unless given. */
    prediction: z.enum(["velocity", "target", "noise"]).exactOptional(),
    /** Which times are trained on; "uniform" unless given. */
    time: oneOf(times).exactOptional(),
    /** "euler" unless given. */
    solver: oneOf(solvers).exactOptional(),
    /** 5 unless given. */
    steps: count.exactOptional(),
    grid: oneOf(grids).exactOptional(),
  },
  /** Levels of noise taken away one after another [ho2020; song2021a; chi2023]. */
  diffusion: {
    /** "squaredCosine" unless given. */
    betas: oneOf(betas).exactOptional(),
    /** 100 unless given. */
    levels: count.exactOptional(),
    /** "noise" unless given. */
    prediction: z.enum(["noise", "target", "velocity", "v"]).exactOptional(),
    /** "ddpm" unless given. */
    sampler: z.enum(["ddpm", "ddim"]).exactOptional(),
    /** Levels that are visited; all for ddpm, 10 for ddim unless given. */
    steps: count.exactOptional(),
    /** Predicted chunks are held in [-clip, clip], normalised; the largest of the demonstrations unless given. */
    clip: positive.exactOptional(),
  },
  /** The chunk itself: the mean, or with the absolute error the median, of what was demonstrated. */
  regression: { error: error.exactOptional() },
  /** A decoder of a latent vector, which an encoder of chunks taught it [kingma2014; zhao2023]. */
  vae: {
    /** 32 unless given. */
    latent: count.exactOptional(),
    /** Of the divergence between the encoder's latents and N(0, 1); 0.001 unless given. */
    klWeight: nonNegative.exactOptional(),
    error: error.exactOptional(),
  },
};

type Kinds = Record<string, z.ZodRawShape>;
type Choice<W extends Kinds, K extends keyof W> = z.ZodObject<
  { kind: z.ZodLiteral<K & string> } & W[K],
  z.core.$strict
>;

function choices<W extends Kinds>(words: W) {
  const options = Object.entries(words).map(([kind, shape]) =>
    z.strictObject({ kind: z.literal(kind), ...shape }),
  );
  type Option = { [K in keyof W]: Choice<W, K> }[keyof W];
  return z.discriminatedUnion("kind", options as unknown as [Option, ...Option[]]);
}

export const backboneSchema = choices(backboneWords);
export const methodSchema = choices(methodWords);

export type Backbone = z.infer<typeof backboneSchema>;
export type Method = z.infer<typeof methodSchema>;
export type MethodOf<K extends Method["kind"]> = Extract<Method, { kind: K }>;

/** The scheduler of a path; condOT unless given. */
export function schedulerOf(path: MethodOf<"flow">["path"] = "condOT"): Scheduler {
  if (typeof path === "string") return schedulers[path];
  return path.kind === "polynomial" ? polynomial(path.n) : vp(path);
}

export const timeOf = (name: MethodOf<"flow">["time"] = "uniform"): TimeSampler => times[name]();
export const solverOf = (name: MethodOf<"flow">["solver"] = "euler"): Stepper => solvers[name];

/** Times from 0 to 1 in `steps` steps. */
export function gridOf({ grid = "uniform", steps = 5 }: Pick<MethodOf<"flow">, "grid" | "steps">): number[] {
  return grids[grid](steps);
}

export function levelsOf({ betas: rule = "squaredCosine", levels = 100 }: MethodOf<"diffusion">) {
  return fromBetas(betas[rule](levels));
}

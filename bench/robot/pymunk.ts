import { spawnSync } from "node:child_process";
import type { Contender } from "../harness/measure.ts";
import { inRoot } from "../harness/root.ts";
import { Worker } from "../harness/worker.ts";

/** The seed of the start, and the places that the agent is sent to. */
export type Episode = readonly [seed: number, actions: readonly (readonly [number, number])[]];

/** Physics alone; with observation, coverage and reward. */
type Mode = "physics" | "environment";

export interface PymunkContender extends Contender {
  /** Agent x and y, block x, y and angle after each episode. */
  finalStates(): Promise<readonly (readonly number[])[]>;
}

interface Request {
  readonly mode: Mode;
  readonly episodes: readonly Episode[];
  readonly batch: number;
}

export interface PymunkPeer {
  readonly version: string;
  /** "environment" needs shapely. */
  readonly modes: readonly Mode[];
  open(request: Request): Promise<PymunkContender>;
}

/** pymunk in the first Python that has it: $ADVECT_PYTHON, .venv, python3; undefined if none has. */
export async function pymunkPeer(): Promise<PymunkPeer | undefined> {
  const candidates = [process.env.ADVECT_PYTHON, inRoot(".venv", "bin", "python"), "python3"];
  const has = (python: string) => spawnSync(python, ["-c", "import numpy, pymunk"]).status === 0;
  const path = candidates.find((python) => python !== undefined && has(python));
  if (path === undefined) return undefined;
  const start = () => new Worker({ path, environment: {} }, {}, "pusht.py");
  const first = start();
  const about = await first.ask<{ pymunk: string; shapely: string | null }>("hello");
  first.close();
  return {
    version: about.pymunk,
    modes: about.shapely ? ["physics", "environment"] : ["physics"],
    open: async (request) => {
      const worker = start();
      await worker.ask("prepare", { ...request });
      return {
        settings: "one thread",
        round: async (steps) => (await worker.ask<{ ms: number[] }>("round", { steps })).ms,
        close: async () => worker.close(),
        finalStates: async () => (await worker.ask<{ states: number[][] }>("final")).states,
      };
    },
  };
}

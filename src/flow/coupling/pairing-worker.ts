import { answerCalls, parentPort } from "../../engine/platform/index.ts";
import type { Pairing } from "./coupling.ts";
import { type PairingJob, runPairingJob } from "./job.ts";

/** The module that `workerCoupling` starts in a thread. */
answerCalls<PairingJob, Pairing>(parentPort, runPairingJob, ({ source, target }) =>
  [source, target].map(({ buffer }) => buffer as ArrayBuffer),
);

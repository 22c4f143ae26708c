import { answerCalls, parentPort } from "../../engine/platform/index.ts";
import type { Policy } from "../policy/policy.ts";
import type { Episode } from "./episode.ts";
import { runJob, type WorkerRequest } from "./job.ts";
import { loadSource } from "./source.ts";

/** The policy of the first request, kept: a worker serves one. */
let policy: Promise<Policy> | undefined;

/** The module that `rolloutWorkers` starts in threads. */
answerCalls<WorkerRequest, Episode[]>(parentPort, async ({ source, job }) => {
  policy ??= loadSource(source);
  return runJob(await policy, job);
});

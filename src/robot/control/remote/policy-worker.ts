import { answerCalls, parentPort } from "../../../engine/platform/index.ts";
import { type RemoteAnswer, type RemoteJob, remoteJobs } from "./source.ts";

/** The module that `remote` starts in a thread. */
answerCalls<RemoteJob, RemoteAnswer>(parentPort, remoteJobs());

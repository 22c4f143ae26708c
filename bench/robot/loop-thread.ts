import { parentPort, workerData } from "node:worker_threads";
import { runArm } from "./arm.ts";

/** What loop.ts starts in a thread. */
parentPort!.postMessage(await runArm(workerData as number));

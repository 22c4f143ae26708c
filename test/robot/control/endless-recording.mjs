// A recording that does not end by itself; record.test.ts kills it.
import { register } from "node:module";

register("../../helpers/typescript/hooks.mjs", import.meta.url);
const { jsonlRecorder } = await import("../../../src/robot/control/record/jsonl.ts");

const recorder = jsonlRecorder(process.argv[2]);
const common = { state: "playing", dueMs: 0, issuedMs: 0, clamps: [], chunk: 0 };
for (let tick = 0; ; tick++) {
  recorder.tick({ ...common, tick, wanted: [0], action: [0], frame: undefined });
  await new Promise((wake) => setTimeout(wake, 1));
  if (tick === 100) console.log("100 ticks");
}

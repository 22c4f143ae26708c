import { parseArgs } from "node:util";
import { checkTwins } from "./engine/check.ts";
import { engineBench } from "./engine/engine.ts";
import { flowBench } from "./flow/flow.ts";
import { writeDocument } from "./harness/document.ts";
import { robotBench } from "./robot/robot.ts";

const usage = `npm run bench -- engine [--only tiny,unet1d] [--peers torch113,torch2] [--rounds 7] [--quick]
npm run bench -- flow [--only assignment,coupling-throughput,sampling,likelihood] [--rounds 7] [--quick]
npm run bench -- robot [--only sim,latency,loop] [--rounds 7] [--quick]
npm run bench -- check    compares advect's networks with the peers', number by number
npm run bench:docs        writes docs/benchmarks.md from bench/results`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    peers: { type: "string", default: "" },
    rounds: { type: "string", default: "7" },
    quick: { type: "boolean", default: false },
  },
});
const list = (text: string) => text.split(",").filter((name) => name !== "");

switch (positionals[0]) {
  case "engine":
    await engineBench({
      only: list(values.only),
      peers: list(values.peers),
      rounds: Number(values.rounds),
      quick: values.quick,
    });
    break;
  case "flow":
    await flowBench({ only: list(values.only), rounds: Number(values.rounds), quick: values.quick });
    break;
  case "robot":
    await robotBench({ only: list(values.only), rounds: Number(values.rounds), quick: values.quick });
    break;
  case "check":
    process.exitCode = (await checkTwins()) ? 0 : 1;
    break;
  case "docs":
    writeDocument();
    break;
  default:
    console.log(usage);
}

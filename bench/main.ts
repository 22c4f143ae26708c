import { parseArgs } from "node:util";
import { engineBench } from "./engine/engine.ts";
import { writeDocument } from "./harness/document.ts";

const usage = `npm run bench -- engine [--only tiny,unet1d] [--peers torch113,torch2] [--rounds 7] [--quick]
npm run bench:docs     writes docs/benchmarks.md from bench/results`;

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
  case "docs":
    writeDocument();
    break;
  default:
    console.log(usage);
}

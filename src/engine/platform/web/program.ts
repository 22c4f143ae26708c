import { AdvectError } from "../../error.ts";
import type { Platform } from "../contract.ts";

export const runProgram: Platform["runProgram"] = async (name) => {
  throw new AdvectError("unsupported", "runProgram", {
    expected: `a machine that has the program ${name}`,
    got: "a browser",
    fix: "Do this step in Node.js.",
  });
};

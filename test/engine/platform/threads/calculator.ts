import { AdvectError } from "../../../../src/engine/error.ts";
import { answerCalls, parentPort } from "../../../../src/engine/platform/index.ts";

export type Request =
  | { readonly square: Float64Array }
  | { readonly fail: "AdvectError" | "Error" }
  | { readonly exit: number }
  | { readonly spinMs: number };

/** A worker's module for the tests of workers. */
answerCalls<Request, Float64Array>(
  parentPort,
  (request) => {
    if ("square" in request) return request.square.map((x) => x * x);
    if ("exit" in request) process.exit(request.exit);
    if ("spinMs" in request) {
      for (const until = performance.now() + request.spinMs; performance.now() < until; );
      return new Float64Array(0);
    }
    if (request.fail === "Error") throw new RangeError("too far");
    throw new AdvectError("numerical", "calculator", { expected: "numbers", got: "NaN" });
  },
  ({ buffer }) => [buffer as ArrayBuffer],
);

import { expect, onTestFinished, test } from "vitest";
import { Worker, workerCalls } from "../../../src/engine/platform/index.ts";
import type { Request } from "./threads/calculator.ts";

function calculator(url = new URL("./threads/calculator.js", import.meta.url)) {
  const calls = workerCalls<Request, Float64Array>(new Worker(url, { type: "module" }));
  onTestFinished(() => calls[Symbol.dispose]());
  return calls;
}

test("a call is answered by the other thread, in order, with numbers that are its own copy", async () => {
  const calls = calculator();
  const given = Float64Array.of(1, 2, 3);
  const both = await Promise.all([
    calls.call({ square: given }),
    calls.call({ square: Float64Array.of(-0, 0.1) }),
  ]);
  expect(both).toEqual([Float64Array.of(1, 4, 9), Float64Array.of(0, 0.1 * 0.1)]);
  expect(given).toEqual(Float64Array.of(1, 2, 3));
});

test("what the function throws arrives with its kind, place and text, and the worker lives on", async () => {
  const calls = calculator();
  await expect(calls.call({ fail: "AdvectError" })).rejects.toMatchObject({
    name: "AdvectError",
    kind: "numerical",
    where: "calculator",
    message: "calculator: expected numbers, got NaN.",
  });
  await expect(calls.call({ fail: "Error" })).rejects.toThrow("too far");
  expect(await calls.call({ square: Float64Array.of(5) })).toEqual(Float64Array.of(25));
  expect(calls.lost).toBe(false);
});

test("a request that cannot be copied is refused and holds nothing up", async () => {
  const calls = calculator();
  await expect(calls.call({ square: () => {} } as never)).rejects.toThrow("could not be cloned");
  expect(await calls.call({ square: Float64Array.of(2) })).toEqual(Float64Array.of(4));
});

test("a worker that ends fails every waiting call and all later ones, in words", async () => {
  const calls = calculator();
  const waiting = [calls.call({ exit: 3 }), calls.call({ square: Float64Array.of(1) })];
  for (const call of waiting) {
    await expect(call).rejects.toMatchObject({
      kind: "unsupported",
      message: expect.stringContaining("the worker ended with code 3"),
    });
  }
  expect(calls.lost).toBe(true);
  await expect(calls.call({ square: Float64Array.of(1) })).rejects.toMatchObject({ kind: "unsupported" });
});

test("a module that is not there is told by name", async () => {
  const calls = calculator(new URL("./threads/missing.js", import.meta.url));
  await expect(calls.call({ square: Float64Array.of(1) })).rejects.toThrow(/missing\.js.*bundlers/);
});

test("an abort rejects at once with the signal's reason, before and during a call", async () => {
  const calls = calculator();
  await calls.call({ square: Float64Array.of(1) });
  const controller = new AbortController();
  const call = calls.call({ spinMs: 2000 }, { signal: controller.signal });
  const reason = new Error("enough");
  const aborted = performance.now();
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
  expect(performance.now() - aborted).toBeLessThan(1000);
  await expect(calls.call({ square: Float64Array.of(1) }, { signal: controller.signal })).rejects.toBe(
    reason,
  );
});

test("disposal ends the thread in the middle of its work", async () => {
  const calls = calculator();
  await calls.call({ square: Float64Array.of(1) });
  const call = calls.call({ spinMs: 60_000 });
  const failed = expect(call).rejects.toThrow("disposed");
  calls[Symbol.dispose]();
  await failed;
});

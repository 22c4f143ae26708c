import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readLog } from "../../src/train/index.ts";
import { metricsLog } from "../../src/train/log.ts";
import { scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();

test("every entry is a line that can be read as soon as it is written", async () => {
  const path = scratch("new/folder/log.jsonl");
  const log = metricsLog(path);
  await log.rewind(0);
  for (const step of [10, 20, 30]) {
    await log.write({ step, loss: 1 / step, bad: Number.NaN });
    expect(readFileSync(path, "utf8").split("\n").at(-2)).toBe(
      `{"step":${step},"loss":${1 / step},"bad":null}`,
    );
  }
  expect((await readLog(path)).map(({ step }) => step)).toEqual([10, 20, 30]);
});

test("a line that is only half there is left out by readers, and dropped when training goes on", async () => {
  const path = scratch("log.jsonl");
  writeFileSync(path, '{"step":10,"loss":2}\n{"step":20,"loss":1}\n{"step":30,"lo');
  expect(await readLog(path)).toEqual([
    { step: 10, loss: 2 },
    { step: 20, loss: 1 },
  ]);
  const log = metricsLog(path);
  await log.rewind(30);
  await log.write({ step: 30, loss: 0.5 });
  expect(readFileSync(path, "utf8")).toBe(
    '{"step":10,"loss":2}\n{"step":20,"loss":1}\n{"step":30,"loss":0.5}\n',
  );
});

test("what was written after the checkpoint is dropped, and damaged lines too", async () => {
  const path = scratch("log.jsonl");
  const lines = [10, 20, 30, 40].map((step) => `{"step":${step}}\n`);
  writeFileSync(path, lines.join(""));
  appendFileSync(path, "\0\0\0\n");
  await metricsLog(path).rewind(20);
  expect(readFileSync(path, "utf8")).toBe('{"step":10}\n{"step":20}\n');
  await metricsLog(path).rewind(0);
  expect(readFileSync(path, "utf8")).toBe("");
});

import { expect, test } from "vitest";
import { pushtDemonstrations } from "../../../../src/data/index.ts";
import { ndarray } from "../../../../src/engine/index.ts";
import { pushT } from "../../../../src/robot/index.ts";

test("all 206 recorded episodes, replayed from their seeds, equal all 25,650 recorded float32 frames", async () => {
  const set = await pushtDemonstrations();
  const recorded = set.columns["observation.state"]!.data as Float32Array;
  const actions = set.columns.action!.data as Float32Array;
  const environment = pushT();
  const wrong: string[] = [];
  let frames = 0;
  set.episodes.forEach(({ start, end }, seed) => {
    let observation = environment.reset({ seed });
    for (let row = start; row < end; row++) {
      const want = recorded.subarray(5 * row, 5 * row + 5);
      if (observation.data.some((value, i) => Math.fround(value) !== want[i])) wrong.push(`${seed}: ${row}`);
      frames++;
      const action = ndarray(actions.subarray(2 * row, 2 * row + 2), [2]);
      observation = environment.step(action).observation;
    }
  });
  expect(wrong).toEqual([]);
  expect([set.episodes.length, frames]).toEqual([206, 25_650]);
});

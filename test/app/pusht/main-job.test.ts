import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type MainJobRequest, pushtMainJob } from "../../../src/app/pusht/index.ts";
import { readGif } from "../../figure/gif-reader.ts";
import { temporaryFolder, tinyRecipe } from "./tiny.ts";

function small(folder: string): MainJobRequest & { readonly said: string[] } {
  const said: string[] = [];
  return {
    recipe: tinyRecipe("pusht", 999, { model: { kind: "residualMlp", hidden: 16, depth: 1 } }),
    folder,
    seconds: 2,
    episodes: 2,
    liveSteps: 4,
    say: (text) => said.push(text),
    said,
  };
}

test("the main job trains, plays, drives and reports, and is not done twice", async () => {
  const folder = join(temporaryFolder(), "start");
  const request = small(folder);
  const { training, evaluation, live, files } = await pushtMainJob(request);
  expect(training.step).toBe(training.steps);
  expect(training.steps).not.toBe(999); // the budget's, not the recipe's
  expect(evaluation!.episodes).toBe(2);
  expect(evaluation!.latencyMs!.p50).toBeGreaterThan(0);
  expect(live).toMatchObject({ seed: 200000, steps: 4, success: false });
  expect(live!.loop.statistics.inference.count).toBe(1);
  for (const file of files) expect(readFileSync(file).length).toBeGreaterThan(100);

  const page = readFileSync(join(folder, "report.html"), "utf8");
  for (const theme of ["light", "dark"]) expect(page.split(`<div class="${theme}"><svg`).length).toBe(1 + 3);
  expect(page).toContain(`Score ${evaluation!.meanMaxReward.toFixed(3)}`);
  const [, picture] = /data:image\/gif;base64,([^"]+)"/.exec(page)!;
  const gif = readGif(Uint8Array.from(Buffer.from(picture!, "base64")));
  expect(gif.width).toBe(2 * 166);
  expect(gif.frames.length).toBeGreaterThan(50);
  expect(page).not.toMatch(/(src|href)="(?!data:)/); // needs no other file
  const results = JSON.parse(readFileSync(join(folder, "results.json"), "utf8"));
  expect(results.evaluation).toEqual(evaluation);

  const again = await pushtMainJob(small(folder));
  expect(again.training).toMatchObject({ step: training.step, seconds: training.seconds });
  expect(again.evaluation!.meanMaxReward).toBe(evaluation!.meanMaxReward);
});

test("interrupted while it trains it says so, and plays nothing", async () => {
  const folder = join(temporaryFolder(), "start");
  const stop = new AbortController();
  stop.abort("enough");
  const request = small(folder);
  const { training, evaluation, files } = await pushtMainJob({ ...request, signal: stop.signal });
  expect(training.reason).toBe("aborted");
  expect([evaluation, files]).toEqual([null, []]);
  expect(request.said).toEqual(["Training on 206 demonstrations of PushT …"]);
});

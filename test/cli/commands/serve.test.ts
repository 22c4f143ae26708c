import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { key, ndarray } from "../../../src/engine/index.ts";
import { loadPolicy, policyClient, savePolicy } from "../../../src/robot/index.ts";
import { observation, tinyDesign, tinyTraining } from "../../robot/policy/tiny.ts";
import { advect } from "../harness.ts";

/** A command that serves until it is stopped. */
async function serving(args: readonly string[], environment: Record<string, string> = {}) {
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const said = { stdout: "", stderr: "" };
  const to = (name: keyof typeof said) => ({ write: (text: string) => void (said[name] += text) });
  const ended = advect(["serve", ...args, "--port", "0"], {
    environment,
    stdout: to("stdout"),
    stderr: to("stderr"),
    interruption: () => ({ signal: stopping.signal, [Symbol.dispose]: () => {} }),
  });
  await Promise.race([ended, expect.poll(() => said.stdout, { timeout: 20_000 }).not.toBe("")]);
  return { said, ended, stop: () => stopping.abort() };
}

describe("advect serve", () => {
  let root: string;
  let folder: string;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "advect-serve-"));
    folder = join(root, "policy");
    using training = await tinyTraining({ design: tinyDesign({ kind: "flow" }) });
    await savePolicy(folder, training.model());
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test("serves a folder until Ctrl-C: the policy's own actions", async () => {
    const { said, ended, stop } = await serving([folder]);
    const [, url] = /at (ws:\S+)/.exec(said.stdout)!;
    expect(said.stdout).toContain(`WebsocketClientPolicy("${url}")`);
    expect(said.stdout).toContain("answers   actions [4, 2]: a in m, b in m");
    using policy = await loadPolicy(folder);
    const client = await policyClient(url!);
    const request = { observation, key: key("chunk") };
    expect(await client.predict(request)).toEqual(await policy.predict(request));
    stop();
    expect((await ended).code).toBe(0);
    expect(said.stderr).toMatch(/Answered 1 requests in 1 evaluations, 0 errors; p50 [\d.]+ ms/);
    await expect(client.predict(request)).rejects.toMatchObject({ kind: "io" });
  });

  test("prints one document with --json, and takes its key from the environment", async () => {
    const { said, ended, stop } = await serving([folder, "--json"], { ADVECT_API_KEY: "secret" });
    const { url, port, metadata } = JSON.parse(said.stdout);
    expect(url).toBe(`ws://127.0.0.1:${port}`);
    expect(metadata.advect.spec).toMatchObject({ name: "tiny", horizon: 4 });
    await expect(policyClient(url)).rejects.toThrow("401");
    using client = await policyClient(url, { apiKey: "secret" });
    const far = { ...observation, "observation.target": ndarray(new Float32Array(3), [3, 1]) };
    await expect(client.predict({ observation: far, key: key(0) })).rejects.toThrow(
      "observation.target: expected [1]",
    );
    stop();
    await ended;
    expect(said.stderr).toContain("observation.target: expected [1]");
    expect(JSON.parse(said.stdout).url).toBe(url);
  });

  test.each([
    [["nowhere"], 1, "the folder of a policy"],
    [["policy", "--batch-wait", "9"], 2, "batchWaitMs"],
    [["policy", "--host", "0.0.0.0"], 2, "an API key"],
  ])("refuses %j", async ([name, ...flags], code, message) => {
    const given = name === "policy" ? folder : name!;
    const { stderr, ...outcome } = await advect(["serve", given, "--port", "0", ...flags]);
    expect(stderr).toContain(message);
    expect(outcome.code).toBe(code);
  });
});

import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { servePolicy } from "../../../src/robot/serve/index.ts";
import { toyPolicy } from "./toy-policy.ts";

const python = [process.env.ADVECT_PYTHON, ".venv/bin/python", "python3"].find(
  (path) => path && (path === "python3" || existsSync(path)) && hasClient(path),
);

function hasClient(path: string): boolean {
  return spawnSync(path, ["-c", "import openpi_client.websocket_client_policy"]).status === 0;
}

if (!python) {
  console.warn(
    "SKIPPED: openpi's own client. No Python here has openpi-client: pip install openpi-client==0.1.2 typing_extensions, and set ADVECT_PYTHON.",
  );
}

test.skipIf(!python)("openpi's own client, unmodified, gets actions", async () => {
  const server = await servePolicy({ policy: toyPolicy(), port: 0, apiKey: "key" });
  try {
    const args = ["scripts/check-openpi-client.py", server.url, "--api-key", "key"];
    const { stdout } = await promisify(execFile)(python!, args);
    const { actions, error } = JSON.parse(stdout);
    expect(actions).toEqual([0, 1, 2].map((k) => [50.5 + k, 50.5 + k]));
    expect(error).toContain("observation.state: expected [2] for one frame, or [2,2] for all");
    expect(server.statistics()).toMatchObject({ errors: 1 });
  } finally {
    await server.close();
  }
});

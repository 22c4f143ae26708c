import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadOnnx } from "../../../src/engine/runtime/index.ts";
import { exportedModels, fileName, sha256, thinned } from "./golden-exports.ts";

/** What scripts/check-exports.py found out about one file. */
interface Golden {
  readonly sha256: string;
  readonly checker: string;
  readonly outputs: Readonly<Record<string, { every: number; numbers: number[] }>>;
}

const fixtures = join(import.meta.dirname, "../../fixtures/engine");
const refresh = "ADVECT_EXPORTS=.tmp/exports npx vitest run test/engine/onnx/golden-exports.test.ts, then python3 scripts/check-exports.py .tmp/exports"; // biome-ignore format: one line

const models = exportedModels();
const folder = process.env.ADVECT_EXPORTS;

describe.runIf(folder)("for scripts/check-exports.py", () => {
  test.each(models)("$name is written", ({ name, bytes, inputs }) => {
    mkdirSync(folder!, { recursive: true });
    writeFileSync(join(folder!, `${fileName(name)}.onnx`), bytes);
    const plain = Object.entries(inputs).map(([key, { shape, dtype, data }]) => [
      key,
      { shape, dtype, data: [...data] },
    ]);
    writeFileSync(join(folder!, `${fileName(name)}.inputs.json`), JSON.stringify(Object.fromEntries(plain)));
  });
});

describe.skipIf(folder)("the exported file", () => {
  test.each(models)("of $name is valid, and gives Python's numbers", async ({ name, bytes, inputs }) => {
    const path = join(fixtures, `${fileName(name)}.json`);
    expect(existsSync(path), `no golden numbers: ${refresh}`).toBe(true);
    const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;
    expect(sha256(bytes), `the file is not the one that Python ran; if that is meant: ${refresh}`).toBe(
      golden.sha256,
    );
    expect(golden.checker).toBe("ok");
    using model = await loadOnnx(bytes, { device: "cpu" });
    const outputs = await model(inputs);
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(golden.outputs).sort());
    for (const [output, { numbers }] of Object.entries(golden.outputs)) {
      const own = thinned(outputs[output] as never).numbers;
      const largest = Math.max(...numbers.map(Math.abs));
      expect(own.length, output).toBe(numbers.length);
      numbers.forEach((value, i) =>
        expect(Math.abs(own[i]! - value), output).toBeLessThan(1e-5 * largest + 1e-8),
      );
    }
  });
});

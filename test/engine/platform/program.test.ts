import { expect, test } from "vitest";
import { runProgram } from "../../../src/engine/platform/node/index.ts";
import { runProgram as inBrowser } from "../../../src/engine/platform/web/index.ts";

test("a program's output comes back byte by byte, and its arguments go through no shell", async () => {
  const script = "process.stdout.write(Buffer.from([0, 255, 10])); process.stdout.write(process.argv[1])";
  const output = await runProgram(process.execPath, ["-e", script, "$HOME; *"]);
  expect(Array.from(output.subarray(0, 3))).toEqual([0, 255, 10]);
  expect(new TextDecoder().decode(output.subarray(3))).toBe("$HOME; *");
});

test("a program that fails is an io error with its complaint, one that is not there unsupported", async () => {
  const failing = runProgram(process.execPath, ["-e", "console.error('no such film'); process.exit(3)"]);
  await expect(failing).rejects.toMatchObject({
    kind: "io",
    message: expect.stringContaining("no such film"),
  });
  await expect(runProgram(process.execPath, ["-e", "process.exit(3)"])).rejects.toThrow(/exit code 3/);
  await expect(runProgram("no-such-program-here", [])).rejects.toMatchObject({
    kind: "unsupported",
    message: expect.stringContaining("Install no-such-program-here"),
  });
  await expect(inBrowser("ffmpeg", [])).rejects.toMatchObject({ kind: "unsupported" });
});

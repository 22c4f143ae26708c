import { spawn } from "node:child_process";
import { AdvectError } from "../../error.ts";
import type { Platform } from "../contract.ts";

/** Of complaints, what an error message has room for. */
const mostComplaint = 500;

export const runProgram: Platform["runProgram"] = (name, args) =>
  new Promise((resolve, reject) => {
    const child = spawn(name, [...args], { stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    let complaint = "";
    child.stdout.on("data", (part: Buffer) => output.push(part));
    child.stderr.on("data", (part: Buffer) => {
      complaint = `${complaint}${part}`.slice(-mostComplaint);
    });
    child.on("error", (cause) => reject(notStarted(name, cause)));
    child.on("close", (code) => {
      const all = Buffer.concat(output);
      if (code === 0) resolve(new Uint8Array(all.buffer, all.byteOffset, all.length));
      else reject(failed(name, complaint.trim() || `exit code ${code}`));
    });
  });

function notStarted(name: string, cause: Error): AdvectError {
  const missing = (cause as { code?: string }).code === "ENOENT";
  return new AdvectError(missing ? "unsupported" : "io", "runProgram", {
    expected: `the program ${name} on the PATH`,
    got: missing ? "none" : cause.message,
    fix: `Install ${name}, or add its folder to PATH.`,
    cause,
  });
}

function failed(name: string, complaint: string): AdvectError {
  return new AdvectError("io", "runProgram", { expected: `${name} to succeed`, got: complaint });
}

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Interpreter } from "./python.ts";
import { inRoot } from "./root.ts";

type Answer = Readonly<Record<string, unknown>>;

/** A Python process that answers the requests of a script of bench/peers, one at a time. */
export class Worker {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = "";

  constructor(
    interpreter: Pick<Interpreter, "path" | "environment">,
    environment: Readonly<Record<string, string>>,
    script = "worker.py",
  ) {
    this.#process = spawn(interpreter.path, [inRoot("bench", "peers", script)], {
      env: { ...process.env, ...interpreter.environment, ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#process.stderr!.on("data", (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-4000);
    });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** Sends a request and waits for its answer. Throws what Python raised. */
  async ask<T extends Answer>(cmd: string, request: Answer = {}): Promise<T> {
    this.#process.stdin!.write(`${JSON.stringify({ cmd, ...request })}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error(`peer ended during ${cmd}:\n${this.#errors}`);
    const answer = JSON.parse(line.value) as T;
    if (typeof answer.error === "string") throw new Error(`peer, ${cmd}: ${answer.error}\n${this.#errors}`);
    return answer;
  }

  close(): void {
    this.#process.stdin!.end();
  }
}

import type { Row } from "../harness/results.ts";

export interface PartOptions {
  readonly rounds: number;
  /** Small problems and short rounds: the numbers are rough, and are not saved. */
  readonly quick: boolean;
}

/** One part of this bench: a file beside this one. */
export interface Part {
  readonly name: string;
  /** What the table says about it. */
  readonly remark: string;
  run(options: PartOptions): Promise<Row[]>;
}

/** Who may import whom: lower ranks only, and inside `engine` (and other listed folders) only what is listed above. */
export const ranks: Readonly<Record<string, number>> = {
  engine: 0,
  nn: 1,
  transport: 1,
  data: 1,
  host: 1,
  metrics: 2,
  figure: 2,
  flow: 3,
  train: 4,
  robot: 5,
  app: 6,
  cli: 7,
};

/** Files that stand beside the folders of a top folder are listed by name; its index.ts comes last. */
export const orders: Readonly<Record<string, readonly string[]>> = {
  engine: ["error.ts", "clock.ts", "platform", "array", "random", "tensor", "onnx", "runtime", "index.ts"],
  flow: ["field", "path", "coupling", "solver", "matching", "density", "diffusion", "index.ts"],
  robot: ["sim", "safety", "policy", "memory", "control", "evaluate", "serve", "index.ts"],
};

/** What is wrong with `from` importing `to`, as a sentence; undefined when nothing is. Both are paths under src/. */
export function violation(from: string, to: string): string | undefined {
  const [, top, inside] = from.split("/") as [string, string, string];
  const [, otherTop, otherInside] = to.split("/") as [string, string, string];
  for (const folder of [top, otherTop]) {
    if (ranks[folder] === undefined) return `src/${folder} has no rank: give it one in test/project/ranks.ts`;
  }
  if (top !== otherTop) {
    if (ranks[otherTop]! < ranks[top]!) return undefined;
    return `${from} (${top}, rank ${ranks[top]}) imports ${to} (${otherTop}, rank ${ranks[otherTop]}): only lower ranks`;
  }
  const order = orders[top];
  if (!order || inside === otherInside) return undefined;
  for (const part of [inside, otherInside]) {
    if (!order.includes(part)) return `src/${top}/${part} has no place in the order of test/project/ranks.ts`;
  }
  if (order.indexOf(otherInside) < order.indexOf(inside)) return undefined;
  return `${from} imports ${to}: in src/${top}, ${inside} comes before ${otherInside}`;
}

import { batchSize, type Coupling, inOrder } from "./coupling.ts";

/** x0[i] with x1[i]: independent when both were drawn independently [lipman2023], or pairs you made yourself. */
export function independent(): Coupling {
  return {
    name: "independent",
    pair(batch) {
      const count = batchSize("independent", batch);
      return { source: inOrder(count), target: inOrder(count) };
    },
  };
}

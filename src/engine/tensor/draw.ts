import type { Shape } from "../array/nd-array.ts";
import { AdvectError } from "../error.ts";
import type { Distribution } from "./primitives.ts";
import { checkShape } from "./shape.ts";
import { input, type Tensor } from "./tensor.ts";

/**
 * Declares random inputs while a function is traced. Nothing random happens inside a graph: the compiled callable
 * takes a key and fills the input called `name` from `key.fold(name)`.
 */
export interface Draw {
  normal(name: string, shape: Shape): Tensor;
  /** In [0, 1). */
  uniform(name: string, shape: Shape): Tensor;
  /** -1 or 1, equally likely. */
  rademacher(name: string, shape: Shape): Tensor;
  /** The same, with every name prefixed by `scope/`. */
  fold(scope: string): Draw;
}

export interface Declarations {
  readonly draw: Draw;
  /** What has been declared so far, in order. */
  readonly declared: readonly Tensor<"input">[];
}

/** A fresh Draw and the list of what it declares. Throws "option" when a name is declared twice. */
export function declarations(): Declarations {
  const declared: Tensor<"input">[] = [];
  const declare = (distribution: Distribution, name: string, shape: Shape): Tensor => {
    if (declared.some((known) => known.attributes.name === name)) {
      throw new AdvectError("option", "draw", {
        expected: "each random input to be declared once",
        got: `"${name}" twice`,
        fix: "Use draw.fold(scope) to give each part of a model its own names.",
      });
    }
    checkShape("draw", shape);
    const tensor = input(name, { shape, dtype: "float32" }, distribution) as Tensor<"input">;
    declared.push(tensor);
    return tensor;
  };
  const scoped = (prefix: string): Draw => ({
    normal: (name, shape) => declare("normal", prefix + name, shape),
    uniform: (name, shape) => declare("uniform", prefix + name, shape),
    rademacher: (name, shape) => declare("rademacher", prefix + name, shape),
    fold: (scope) => scoped(`${prefix}${scope}/`),
  });
  return { draw: scoped(""), declared };
}

// The theorem that flow matching rests on: regression on the velocity of single paths, which is random, has the same
// gradient as regression on the marginal velocity, their mean, which nobody knows in practice [lipman2023, theorem 2].
// For a finite data set the marginal is known, so that both gradients can be computed and compared.
import { array, compile, concat, constant, type Draw, grad, integers, key, type Mapped, type NdArray, namedLeaves, random, spec, specOf, type Tensor, takeRows } from "advect/engine"; // biome-ignore format: one line
import { affine, condOT, marginal } from "advect/flow";
import { type MlpParams, mlp, mse } from "advect/nn";

const repeats = process.env.ADVECT_BUDGET === "small" ? 200 : 4000;
const [root, batch] = [key("theorem"), 512];
const points = array([[2, 0], [-1, 1.5], [-1, -1.5]]); // biome-ignore format: one line
const model = mlp({ size: 2, hidden: 16, depth: 2 });
const params: Mapped<MlpParams, NdArray> = model.init(root.fold("model"));

/** Gradients, each as one vector: of the conditional loss, and how far those of two marginal losses are from it. */
function gradients(p: MlpParams, x1: Tensor, draw: Draw) {
  const x0 = draw.normal("x0", [batch, 2]);
  const t = draw.uniform("t", [batch]).mul(0.9);
  const { xt, velocity } = affine(condOT).sample({ x0, x1, t });
  const gradient = (target: Tensor) => {
    const leaves = namedLeaves<Tensor>(grad(mse({ prediction: model.apply(p, xt, t), target }), p));
    return concat([...leaves.values()].map((g) => g.reshape([g.size])));
  };
  const known = { data: constant(points), scheduler: condOT };
  const conditional = gradient(velocity);
  return {
    conditional,
    exact: gradient(marginal(known)(xt, t)).sub(conditional),
    wrong: gradient(marginal({ ...known, weights: constant(array([0.4, 0.3, 0.3])) })(xt, t)).sub(
      conditional,
    ),
  };
}

using run = await compile(gradients, [specOf(params), spec([batch, 2]), random]);
type Vector = ArrayLike<number>;
const names = ["conditional", "exact", "wrong"] as const;
const draws: Record<string, Vector[]> = { conditional: [], exact: [], wrong: [] };
for (let i = 0; i < repeats; i++) {
  const rows = takeRows(points, integers(root.fold(i), [batch], { high: 3 }).data);
  const one = await run(params, rows, root.fold(i));
  for (const name of names) draws[name]!.push(one[name].data);
}

/** Mean over the repeats divided by its standard error, root mean square over the parameters. 1 is what chance gives. */
function standardErrors(vectors: readonly Vector[]): number {
  const scores = Array.from(vectors[0]!, (_, i) => {
    const values = vectors.map((vector) => vector[i]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / repeats;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (repeats - 1);
    return mean ** 2 / (variance / repeats + 1e-20);
  });
  return Math.sqrt(scores.reduce((sum, score) => sum + score, 0) / scores.length);
}

console.log("mean gradient over its standard error, root mean square over all parameters; 1 is chance");
console.log(`conditional loss                    ${standardErrors(draws.conditional!).toFixed(1)}`);
console.log(`marginal - conditional              ${standardErrors(draws.exact!).toFixed(2)}`);
console.log(`marginal of other data, the same    ${standardErrors(draws.wrong!).toFixed(2)}`);

// Exports a model with its parameters as one ONNX file, and runs the file as any ONNX runtime would.
import { mkdirSync } from "node:fs";
import {
  compile,
  exportOnnx,
  key,
  loadOnnx,
  normal,
  spec,
  specOf,
  type Tensor,
  writeFileAtomic,
} from "advect/engine";
import { type MlpParams, mlp } from "advect/nn";

const folder = "runs/examples";
const model = mlp({ size: 2, hidden: 64, depth: 2 });
const params = model.init(key("export"));
const velocity = (params: MlpParams, x: Tensor, t: Tensor) => model.apply(params, x, t);

// Export: the parameters become part of the file, the other arguments its inputs
const bytes = exportOnnx({
  fn: velocity,
  params,
  signature: [spec([5, 2]), spec([5])],
  inputNames: ["x", "t"],
  outputNames: ["velocity"],
});
mkdirSync(folder, { recursive: true });
await writeFileAtomic(`${folder}/velocity.onnx`, bytes);
console.log(`${folder}/velocity.onnx: ${bytes.length} bytes`);

// Reload, and compare with the function it came from
const x = normal(key("x"), [5, 2]);
const t = normal(key("t"), [5]);
const loaded = await loadOnnx(`${folder}/velocity.onnx`);
const compiled = await compile(velocity, [specOf(params), spec([5, 2]), spec([5])]);
try {
  for (const { name, dtype, shape } of loaded.inputs) console.log(`input ${name}: ${dtype} [${shape}]`);
  const fromFile = (await loaded({ x, t })).velocity!;
  const fromGraph = await compiled(params, x, t);
  const difference = Math.max(
    ...fromGraph.data.map((value, i) => Math.abs(value - Number(fromFile.data[i]))),
  );
  console.log(`largest difference ${difference.toExponential(1)}`);
} finally {
  loaded[Symbol.dispose]();
  compiled[Symbol.dispose]();
}

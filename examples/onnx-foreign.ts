// Runs an ONNX file from elsewhere, as it is and as part of a graph of ours.
import {
  array,
  compile,
  encodeModel,
  importOnnx,
  loadOnnx,
  type OnnxModel,
  spec,
  type Tensor,
} from "advect/engine";

// Stands for a file that another framework wrote: y = relu(x W + b) for any batch size, operator set 17
const foreign: OnnxModel = {
  irVersion: 8,
  opsets: { "": 17 },
  producer: "elsewhere",
  graph: {
    name: "dense",
    inputs: [{ name: "x", dtype: "float32", shape: ["batch", 3] }],
    outputs: [{ name: "y", dtype: "float32", shape: ["batch", 2] }],
    initializers: [
      { name: "W", dtype: "float32", shape: [3, 2], data: Float32Array.of(1, 0, 0, 1, 1, -1) },
      { name: "b", dtype: "float32", shape: [2], data: Float32Array.of(0.5, -0.5) },
    ],
    nodes: [
      { op: "MatMul", inputs: ["x", "W"], outputs: ["product"] },
      { op: "Add", inputs: ["product", "b"], outputs: ["sum"] },
      { op: "Relu", inputs: ["sum"], outputs: ["y"] },
    ],
  },
};
const bytes = encodeModel(foreign);
const x = array([
  [1, 2, 3],
  [-1, 0, 1],
]);

// As it is: arrays by name in, arrays by name out
const model = await loadOnnx(bytes, { where: "dense.onnx" });
try {
  console.log(`inputs  ${model.inputs.map(({ name, shape }) => `${name} [${shape}]`)}`);
  console.log(`y       ${(await model({ x })).y!.data.join("  ")}`);
} finally {
  model[Symbol.dispose]();
}

// As a function on tensors: mixed with operations of ours, compiled and exported with them
const dense = importOnnx(bytes, { where: "dense.onnx" });
const scaled = (x: Tensor) => dense.call({ x: x.mul(2) }).y!.sum({ axes: 1 });
const compiled = await compile(scaled, [spec([2, 3])]);
try {
  console.log(`sum y(2x) ${(await compiled(x)).data.join("  ")}`);
} finally {
  compiled[Symbol.dispose]();
}

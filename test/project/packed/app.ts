// A page that uses the published package: bundled by Vite, opened in Chromium.
import { array, compile, devices, key, type NdArray, normal, spec, specOf, type Tensor } from "advect/engine";
import { exactOT, workerCoupling } from "advect/flow";
import { linear, mse } from "advect/nn";

async function run() {
  const layer = linear({ inputs: 3, outputs: 2 });
  const params = layer.init(key("app"));
  const loss = (p: Parameters<typeof layer.apply>[0], x: Tensor) =>
    mse({ prediction: layer.apply(p, x), target: x.slice({ axis: 1, start: 0, stop: 2 }) });
  const compiled = await compile(loss, [specOf(params), spec([4, 3])]);
  const value: NdArray = await compiled(params, normal(key("x"), [4, 3]));
  const doubled = await compile((x: Tensor) => x.mul(2), [spec([3])]);
  const batch = { x0: normal(key("x0"), [64, 2]), x1: normal(key("x1"), [64, 2]), key: key("pairs") };
  const warnings: string[] = [];
  using worker = workerCoupling(
    { kind: "exactOT" },
    { fromRows: 1, warn: (message) => warnings.push(message) },
  );
  const { target } = await worker.pair(batch);
  return {
    warnings,
    pairedAlike: `${target}` === `${exactOT().pair(batch).target}`,
    devices: await devices(),
    device: compiled.device,
    loss: value.data[0],
    doubled: [...(await doubled(array([1, 2, 3]))).data],
  };
}

Object.assign(globalThis, { result: run() });

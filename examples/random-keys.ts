// Random numbers are a function of a key. Children have names, so a new draw elsewhere changes nothing here.
import {
  array,
  categorical,
  compile,
  type Draw,
  key,
  normal,
  permutation,
  random,
  restoreKey,
  spec,
  type Tensor,
} from "advect/engine";

const root = key("experiment 7");
const noise = normal(root.fold("noise"), [4]);
console.log("noise       ", [...noise.data].map((value) => value.toFixed(4)).join("  "));
console.log("order       ", [...permutation(root.fold("order"), 8).data].join(" "));

const weather = categorical(root.fold("weather"), { logits: array([2, 0, -1]) }, [10]);
console.log("weather     ", [...weather.data].map((i) => ["sun", "rain", "snow"][i]).join(" "));

// A longer draw begins with the shorter one, on every platform.
const longer = normal(root.fold("noise"), [1000]);
console.log(
  "same start  ",
  noise.data.every((value, i) => value === longer.data[i]),
);

// One child for each worker or epoch; saved as four integers.
const epoch = root.fold("epoch").fold(3);
const restored = restoreKey(JSON.parse(JSON.stringify(epoch.words)));
console.log("same key    ", normal(epoch, [1]).data[0] === normal(restored, [1]).data[0]);

// Inside a compiled function nothing is random: it declares its noise, and each call fills it from a key by name.
const blur = await compile(
  (x: Tensor, draw: Draw) => x.add(draw.normal("blur", [3]).mul(0.1)),
  [spec([3]), random],
);
try {
  const x = array([1, 2, 3]);
  const once = await blur(x, root);
  const again = await blur(x, root);
  const other = await blur(x, root.fold("other"));
  console.log("declared    ", JSON.stringify(blur.draws));
  console.log("same draw   ", once.data.join() === again.data.join(), once.data.join() === other.data.join());
} finally {
  blur[Symbol.dispose]();
}

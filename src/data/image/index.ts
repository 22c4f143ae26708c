export { cifar10Names, loadCifar10, parseCifar10 } from "./cifar10.ts";
export { parseIdx } from "./idx.ts";
export { fromPixels, type LabelledImages, toPixels } from "./images.ts";
export { loadMnist, type MnistFiles, parseMnist } from "./mnist.ts";
export { loadOptdigits, parseOptdigits } from "./optdigits.ts";

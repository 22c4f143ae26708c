import { mkdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "fflate";
import { integers, type Key } from "../../../src/engine/random/index.ts";

const bytes = (key: Key, count: number, high = 256) => Uint8Array.from(integers(key, [count], { high }).data);

/** An idx file of bytes. */
function idx(shape: readonly number[], body: Uint8Array): Uint8Array {
  const lengths = shape.flatMap((length) => [0, 0, length >> 8, length & 255]);
  return Uint8Array.from([0, 0, 8, shape.length, ...lengths, ...body]);
}

/** Files in the format of MNIST, with random pixels and labels. */
export function writeMnist(folder: string, key: Key, counts: Readonly<Record<string, number>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [part, count] of Object.entries(counts)) {
    const own = key.fold(part);
    const images = idx([count, 28, 28], bytes(own.fold("images"), count * 784));
    const labels = idx([count], bytes(own.fold("labels"), count, 10));
    writeFileSync(`${folder}/${part}-images-idx3-ubyte.gz`, gzipSync(images, { mtime: 0 }));
    writeFileSync(`${folder}/${part}-labels-idx1-ubyte`, labels);
    writeFileSync(`${folder}/${part}-labels-idx1-ubyte.gz`, gzipSync(labels, { mtime: 0 }));
  }
}

const record = 1 + 3 * 32 * 32;

/** Files in the format of CIFAR-10: `count` records each, the labels in turn. */
export function writeCifar10(folder: string, key: Key, count: number): void {
  mkdirSync(folder, { recursive: true });
  for (const name of [...[1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}`), "test_batch"]) {
    const content = bytes(key.fold(name), count * record);
    for (let i = 0; i < count; i++) content[i * record] = i % 10;
    writeFileSync(`${folder}/${name}.bin`, content);
  }
}

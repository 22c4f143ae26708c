import { type LabelledImages, loadCifar10, loadMnist } from "../../data/index.ts";
import { AdvectError } from "../../engine/error.ts";

export interface ImageParts {
  readonly train: LabelledImages;
  /** For judging samples. */
  readonly test?: LabelledImages;
}

interface MnistWords {
  readonly folder: string;
  readonly part?: "train" | "t10k";
}

/** MNIST from the four files of its authors; without the test part where t10k is what is learned. Throws "io", "format". */
export async function mnistParts({ folder, part = "train" }: MnistWords): Promise<ImageParts> {
  const load = (name: string) =>
    plainOrGzipped((ending) =>
      loadMnist({
        images: `${folder}/${name}-images-idx3-ubyte${ending}`,
        labels: `${folder}/${name}-labels-idx1-ubyte${ending}`,
      }),
    );
  const explained = explaining(
    folder,
    "the files of MNIST, such as train-images-idx3-ubyte.gz",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
  );
  const train = await load(part).catch(explained);
  return part === "t10k" ? { train } : { train, test: await load("t10k").catch(explained) };
}

/** CIFAR-10 from the six files of its binary version. Throws "io", "format". */
export async function cifar10Parts(folder: string): Promise<ImageParts> {
  const load = (names: readonly string[]) =>
    plainOrGzipped((ending) => loadCifar10(names.map((name) => `${folder}/${name}.bin${ending}`)));
  const explained = explaining(
    folder,
    "the files of CIFAR-10, such as data_batch_1.bin",
    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
  );
  const batches = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`);
  const train = await load(batches).catch(explained);
  return { train, test: await load(["test_batch"]).catch(explained) };
}

async function plainOrGzipped<T>(load: (ending: "" | ".gz") => Promise<T>): Promise<T> {
  try {
    return await load(".gz");
  } catch (error) {
    if (!isMissing(error)) throw error;
    return load("");
  }
}

const isMissing = (error: unknown) => error instanceof AdvectError && error.kind === "io";

/** Says where files can be had that are not there. */
function explaining(folder: string, expected: string, url: string): (error: unknown) => never {
  return (error) => {
    if (!isMissing(error)) throw error;
    throw new AdvectError("io", folder, {
      expected,
      got: "not all of them",
      fix: `They are at ${url}. For another folder: --set data.folder=path.`,
      cause: error,
    });
  };
}

import fc from "fast-check";
import { zipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import {
  episodesFromArrays,
  imagePng,
  loadEpisodes,
  loadLeRobot,
  parsePng,
  validateEpisodes,
  writeEpisodes,
} from "../../../src/data/index.ts";
import { AdvectError, array, ndarray } from "../../../src/engine/index.ts";
import { smallSet } from "./cases.ts";
import { memoryFiles } from "./memory-files.ts";

/** Bytes overwritten, cut off, or put in. */
const damage = fc.oneof(
  fc.record({ at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }) }),
  fc.record({ at: fc.nat(), cut: fc.constant(true) }),
);

function damaged(bytes: Uint8Array, what: { at: number; bytes?: Uint8Array; cut?: boolean }): Uint8Array {
  const at = what.at % bytes.length;
  if (what.cut) return bytes.slice(0, at);
  const copy = bytes.slice();
  copy.set(what.bytes!.subarray(0, bytes.length - at), at);
  return copy;
}

/** Resolves, or rejects with an AdvectError; anything else is a fault of the reader. */
async function readsOrRefuses(read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof AdvectError)) throw error;
    expect(error.message).not.toContain("undefined");
  }
}

const files = memoryFiles();
beforeAll(async () => {
  const pixels = Uint8Array.from({ length: 6 * 4 * 4 }, (_, i) => i * 5);
  const { columns } = smallSet();
  const arrays = { ...columns, "observation.image": ndarray(pixels, [6, 4, 4, 1]) };
  const set = episodesFromArrays({ arrays, episodeEnds: [3, 4, 6], fps: 10, task: "push" });
  await writeEpisodes("set", set, { files });
});

describe("damaged files", () => {
  test.each(["meta/info.json", "meta/tasks.parquet", "meta/episodes", "data", "meta/stats.json"])(
    "%s: the data set is read or refused, never more and never endlessly",
    async (start) => {
      const [path] = [...files.contents.keys()].filter((name) => name.startsWith(`set/${start}`));
      const bytes = files.contents.get(path!)!;
      await fc.assert(
        fc.asyncProperty(damage, async (what) => {
          const broken = memoryFiles(new Map(files.contents).set(path!, damaged(bytes, what)));
          await readsOrRefuses(() => loadLeRobot("set", { files: broken }));
          await validateEpisodes("set", { files: broken }); // tells, never throws
        }),
        { numRuns: 60 },
      );
    },
  );

  test("every missing file is an io error that names it", async () => {
    for (const path of files.contents.keys()) {
      const rest = new Map(files.contents);
      rest.delete(path);
      const loading = loadLeRobot("set", { files: memoryFiles(rest) });
      if (path.endsWith("stats.json")) expect((await loading).statistics).toBeUndefined();
      else
        await expect(loading).rejects.toMatchObject({ kind: "io", message: expect.stringContaining(path) });
    }
  });

  test("a picture is decoded or refused", () => {
    const png = imagePng(
      ndarray(
        Uint8Array.from({ length: 75 }, (_, i) => i * 3),
        [5, 5, 3],
      ),
    );
    fc.assert(
      fc.property(damage, (what) => {
        try {
          parsePng(damaged(png, what));
        } catch (error) {
          expect(error).toBeInstanceOf(AdvectError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("a zarr zip is read or refused", async () => {
    const zip = zarrZip();
    const load = (bytes: Uint8Array) =>
      loadEpisodes("x.zip", { fps: 10, files: memoryFiles(new Map([["x.zip", bytes]])) });
    expect((await load(zip)).columns.action!.data).toEqual(array([1, 2, 3, 4]).data);
    await fc.assert(
      fc.asyncProperty(damage, (what) => readsOrRefuses(() => load(damaged(zip, what)))),
      { numRuns: 150 },
    );
  });
});

/** Two chunks of two rows, and one with the ends of two episodes, as zarr 2 lays them out without compression. */
function zarrZip(): Uint8Array {
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const bytes = (values: ArrayBufferView) => new Uint8Array(values.buffer);
  const header = (shape: number[], chunks: number[], dtype: string) =>
    text({
      zarr_format: 2,
      shape,
      chunks,
      dtype,
      compressor: null,
      fill_value: 0,
      filters: null,
      order: "C",
    });
  const group = text({ zarr_format: 2 });
  return zipSync(
    {
      "a.zarr/.zgroup": group,
      "a.zarr/data/.zgroup": group,
      "a.zarr/meta/.zgroup": group,
      "a.zarr/data/action/.zarray": header([4, 1], [2, 1], "<f4"),
      "a.zarr/data/action/0.0": bytes(Float32Array.of(1, 2)),
      "a.zarr/data/action/1.0": bytes(Float32Array.of(3, 4)),
      "a.zarr/meta/episode_ends/.zarray": header([2], [2], "<i8"),
      "a.zarr/meta/episode_ends/0": bytes(BigInt64Array.of(1n, 4n)),
    },
    { level: 0 },
  );
}

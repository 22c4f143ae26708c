/** A reader of GIFs, as short as the format allows: what each frame shows, uint8 [height x width x 3], and how long. */
export function readGif(bytes: Uint8Array) {
  const short = (at: number) => bytes[at]! | (bytes[at + 1]! << 8);
  const [width, height] = [short(6), short(8)];
  const colorCount = 2 << (bytes[10]! & 7);
  const colors = bytes.subarray(13, 13 + 3 * colorCount);
  let at = 13 + 3 * colorCount;
  let delayMs = 0;
  let repeats: number | undefined;
  const shown = new Uint8Array(3 * width * height);
  const frames: { delayMs: number; rgb: Uint8Array }[] = [];
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      if (bytes[at + 1] === 0xf9) delayMs = 10 * short(at + 4);
      if (bytes[at + 1] === 0xff) repeats = short(at + 16);
      at = blockData(bytes, at + 2).after;
      continue;
    }
    const [left, top, across, down] = [1, 3, 5, 7].map((k) => short(at + k)) as [
      number,
      number,
      number,
      number,
    ];
    const size = bytes[at + 10]!;
    const { data, after } = blockData(bytes, at + 11);
    decode(data, size).forEach((color, i) => {
      const place = 3 * ((top + Math.floor(i / across)) * width + left + (i % across));
      shown.set(colors.subarray(3 * color, 3 * color + 3), place);
    });
    if (across * down === 0) throw new Error("an empty frame");
    frames.push({ delayMs, rgb: shown.slice() });
    at = after;
  }
  return { width, height, repeats, frames };
}

function blockData(bytes: Uint8Array, from: number) {
  const data: number[] = [];
  let at = from;
  for (; bytes[at] !== 0; at += bytes[at]! + 1) data.push(...bytes.subarray(at + 1, at + 1 + bytes[at]!));
  return { data, after: at + 1 };
}

function decode(data: readonly number[], size: number): number[] {
  const clear = 1 << size;
  const out: number[] = [];
  let table: number[][] = [];
  let width = size + 1;
  let previous: number[] | undefined;
  let position = 0;
  const read = () => {
    let code = 0;
    for (let k = 0; k < width; k++, position++) code |= ((data[position >> 3]! >> (position & 7)) & 1) << k;
    return code;
  };
  for (let code = read(); code !== clear + 1; code = read()) {
    if (code === clear) {
      table = Array.from({ length: clear + 2 }, (_, i) => [i]);
      width = size + 1;
      previous = undefined;
      continue;
    }
    const entry = table[code] ?? [...previous!, previous![0]!];
    out.push(...entry);
    if (previous && table.length < 4096) table.push([...previous, entry[0]!]);
    if (table.length === 1 << width && width < 12) width++;
    previous = entry;
  }
  return out;
}

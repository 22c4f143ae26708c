const bits = 8;
const clear = 1 << bits;
const end = clear + 1;
const largest = 4095;

/** Bytes as image data of a GIF: LZW with codes of 9 to 12 bits, in blocks of up to 255 bytes, as appendix F of GIF89a says. */
export function lzwBytes(bytes: Uint8Array): number[] {
  const writer = bitWriter();
  let table = new Map<number, number>();
  let [next, width] = [end + 1, bits + 1];
  const restart = () => {
    table = new Map();
    [next, width] = [end + 1, bits + 1];
  };
  writer.put(clear, width);
  let code = bytes[0]!;
  for (let i = 1; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const longer = (code << bits) | byte;
    const known = table.get(longer);
    if (known !== undefined) {
      code = known;
      continue;
    }
    writer.put(code, width);
    if (next > largest) {
      writer.put(clear, width);
      restart();
    } else {
      table.set(longer, next);
      if (next === 1 << width) width++;
      next++;
    }
    code = byte;
  }
  writer.put(code, width);
  if (next === 1 << width && width < 12) width++; // the reader has entered one more
  writer.put(end, width);
  return [bits, ...blocks(writer.bytes())];
}

/** Lowest bit first. */
function bitWriter() {
  const bytes: number[] = [];
  let [held, count] = [0, 0];
  return {
    put(code: number, width: number) {
      held |= code << count;
      count += width;
      for (; count >= 8; count -= 8) {
        bytes.push(held & 255);
        held >>>= 8;
      }
    },
    bytes: () => (count > 0 ? [...bytes, held & 255] : bytes),
  };
}

function blocks(bytes: readonly number[]): number[] {
  const parts: number[] = [];
  for (let i = 0; i < bytes.length; i += 255) {
    const block = bytes.slice(i, i + 255);
    parts.push(block.length, ...block);
  }
  return [...parts, 0];
}

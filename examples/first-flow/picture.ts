import type { NdArray } from "advect/engine";

export interface Panel {
  readonly title: string;
  /** [count, 2] */
  readonly points: NdArray;
}

const [side, gap, heading] = [180, 12, 24];
/** Half the width of the window onto the plane. */
const reach = 2.6;

/** Clouds of points side by side, as an SVG: one path of dots each. */
export function picture(panels: readonly Panel[]): string {
  const width = panels.length * (side + gap) - gap;
  const height = side + heading;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="sans-serif" font-size="12" text-anchor="middle">`,
    `<title>${panels.map(({ title }) => title).join(", ")}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels.map((panel, i) => drawn(panel, i * (side + gap))),
    `</svg>\n`,
  ].join("\n");
}

function drawn({ title, points: { data } }: Panel, left: number): string {
  const place = (value: number) => ((value / reach + 1) * side) / 2;
  let dots = "";
  for (let i = 0; i < data.length; i += 2) {
    const [x, y] = [place(data[i]!), side - place(data[i + 1]!)];
    if (Math.min(x, y) >= 0 && Math.max(x, y) <= side) dots += `M${x.toFixed(1)} ${y.toFixed(1)}h0`;
  }
  return [
    `<g transform="translate(${left} 0)">`,
    `<text x="${side / 2}" y="16" fill="#444">${title}</text>`,
    `<g transform="translate(0 ${heading})">`,
    `<rect width="${side}" height="${side}" fill="#f6f8fa"/>`,
    `<path d="${dots}" stroke="#1f6feb" stroke-opacity="0.6" stroke-width="2.2" stroke-linecap="round" fill="none"/>`,
    `</g></g>`,
  ].join("");
}

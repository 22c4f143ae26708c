/** Red, green and blue from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];
export type Point = readonly [x: number, y: number];

/** One thing to draw, in the units of the scene; y points down. */
export type Mark =
  | { readonly kind: "polygon"; readonly points: readonly Point[]; readonly color: Rgb }
  | { readonly kind: "disc"; readonly center: Point; readonly radius: number; readonly color: Rgb }
  | {
      readonly kind: "line";
      readonly from: Point;
      readonly to: Point;
      readonly width: number;
      readonly color: Rgb;
    };

/** What to draw, as data: marks over each other in this order, on a plane of width x height. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly background: Rgb;
  readonly marks: readonly Mark[];
}

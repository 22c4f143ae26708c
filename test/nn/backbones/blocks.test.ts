import { expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { interpret, mul, silu, type Tensor } from "../../../src/engine/tensor/index.ts";
import { ditBlock } from "../../../src/nn/backbones/dit-block.ts";
import { type Conditioning, residualBlock } from "../../../src/nn/backbones/residual-block.ts";
import { conv1dBlock, residualBlock1d } from "../../../src/nn/backbones/unet1d-block.ts";
import { residualBlock2d } from "../../../src/nn/backbones/unet2d-block.ts";
import { conv2d, geluTanh, groupNorm, layerNorm, linear, multiHeadAttention } from "../../../src/nn/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { scrambled } from "../check.ts";

type P<L extends { apply(...args: never[]): unknown }> = Parameters<L["apply"]>[0];

function expectEqual(both: { readonly got: { data: Float64Array }; readonly want: { data: Float64Array } }) {
  expect(both.got.data.length).toBe(both.want.data.length);
  both.want.data.forEach((value, i) => expect(both.got.data[i]).toBeCloseTo(value, 10));
}

/** Parts of the last axis. */
const part = (x: Tensor, { from, to }: { from: number; to: number }) =>
  x.slice({ axis: -1, start: from, stop: to });

const norm4 = layerNorm({ size: 4, affine: false });
const wide = linear({ inputs: 4, outputs: 6 });
const narrow = linear({ inputs: 6, outputs: 4 });

/** What the documentation of residualBlock says, from h, N(h) with weights, and E. */
const formulas: Record<
  Conditioning,
  (h: Tensor, n: Tensor, e: Tensor, mlp: (x: Tensor, plus?: Tensor) => Tensor) => Tensor
> = {
  add: (h, n, e, mlp) => h.add(mlp(n, e)),
  film: (h, n, e, mlp) =>
    h.add(mlp(n.mul(part(e, { from: 0, to: 4 }).add(1)).add(part(e, { from: 4, to: 8 })))),
  adaln: (h, n, e, mlp) =>
    h.add(
      part(e, { from: 8, to: 12 }).mul(
        mlp(n.mul(part(e, { from: 0, to: 4 }).add(1)).add(part(e, { from: 4, to: 8 }))),
      ),
    ),
};

test.each(["add", "film", "adaln"] as const)("residualBlock computes its formula, %s", (conditioning) => {
  const outputs = { add: 6, film: 8, adaln: 12 }[conditioning];
  const block = residualBlock({ hidden: 4, inner: 6, told: 3, activation: "silu", conditioning, dropout: 0 });
  const told = linear({ inputs: 3, outputs });
  const params = scrambled(block.init(key(1)));
  expectEqual(
    interpret(
      (p: P<typeof block>, h: Tensor, e: Tensor) => {
        const affine = p.norm.weight
          ? (x: Tensor) => x.mul(p.norm.weight!).add(p.norm.bias!)
          : (x: Tensor) => x;
        const n = affine(norm4.apply({}, h));
        const mlp = (x: Tensor, plus?: Tensor) => {
          const inner = wide.apply(p.linear1, x);
          return narrow.apply(p.linear2, silu(plus ? inner.add(plus) : inner));
        };
        const told_ = told.apply(p.told, conditioning === "add" ? e : silu(e));
        return { got: block.apply(p, h, e), want: formulas[conditioning](h, n, told_, mlp) };
      },
      params,
      sample([2, 4], 1),
      sample([2, 3], 2),
    ),
  );
});

test("ditBlock computes its formula, shift, scale and gate in DiT's order", () => {
  const block = ditBlock({ hidden: 4, heads: 2, inner: 6, dropout: 0 });
  const attention = multiHeadAttention({ size: 4, heads: 2 });
  const norm = layerNorm({ size: 4, affine: false, epsilon: 1e-6 });
  const modulation = linear({ inputs: 4, outputs: 24 });
  const params = scrambled(block.init(key(1)));
  expectEqual(
    interpret(
      (p: P<typeof block>, x: Tensor, told: Tensor) => {
        const m = modulation.apply(p.adaLN_modulation["1"], told).reshape([2, 1, 24]);
        const six = [0, 1, 2, 3, 4, 5].map((i) => part(m, { from: 4 * i, to: 4 * i + 4 }));
        const [shiftA, scaleA, gateA, shiftB, scaleB, gateB] = six as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
        ];
        const h = x.add(gateA.mul(attention.apply(p.attn, norm.apply({}, x).mul(scaleA.add(1)).add(shiftA))));
        const inner = wide.apply(p.mlp.fc1, norm.apply({}, h).mul(scaleB.add(1)).add(shiftB));
        return {
          got: block.apply(p, x, told),
          want: h.add(gateB.mul(narrow.apply(p.mlp.fc2, geluTanh(inner)))),
        };
      },
      params,
      sample([2, 3, 4], 1),
      sample([2, 4], 2),
    ),
  );
});

test("residualBlock1d computes block(scale block(x) + bias) + conv(x), with the scale first", () => {
  const block = residualBlock1d({
    inputs: 2,
    outputs: 4,
    kernel: 3,
    groups: 2,
    film: "scale-and-bias",
    told: 3,
  });
  const [first, second] = [2, 4].map((inputs) => conv1dBlock({ inputs, outputs: 4, kernel: 3, groups: 2 }));
  const params = scrambled(block.init(key(1)));
  const constant = { weight: ndarray(new Float64Array(24), [8, 3], "float64"), bias: sample([8], 5) };
  expectEqual(
    interpret(
      (p: P<typeof block>, x: Tensor, told: Tensor) => {
        const film = p.cond_encoder["1"].bias!.reshape([1, 1, 8]);
        const inner = first!.apply(p.blocks["0"], x).mul(part(film, { from: 0, to: 4 }));
        const outer = second!.apply(p.blocks["1"], inner.add(part(film, { from: 4, to: 8 })));
        const residual = linear({ inputs: 2, outputs: 4 });
        const { weight, bias } = p.residual_conv!;
        const shortcut = residual.apply({ weight: weight.reshape([4, 2]), bias: bias! }, x);
        return { got: block.apply(p, x, told), want: outer.add(shortcut) };
      },
      { ...params, cond_encoder: { "1": constant } },
      sample([2, 6, 2], 1),
      sample([2, 3], 2),
    ),
  );
});

test("residualBlock2d computes its formula, with the scale first", () => {
  const block = residualBlock2d({ inputs: 4, outputs: 4, groups: 2, told: 3, dropout: 0 });
  const layout = "channels-last";
  const conv = conv2d({ inputs: 4, outputs: 4, kernel: 3, padding: 1, layout });
  const norm = groupNorm({ groups: 2, channels: 4, layout });
  const params = scrambled(block.init(key(1)));
  expectEqual(
    interpret(
      (p: P<typeof block>, x: Tensor, told: Tensor) => {
        const film = linear({ inputs: 3, outputs: 8 }).apply(p.temb_proj, told).reshape([2, 1, 1, 8]);
        const inner = norm.apply(p.norm2, conv.apply(p.conv1, silu(norm.apply(p.norm1, x))));
        const modulated = mul(inner, part(film, { from: 0, to: 4 }).add(1)).add(
          part(film, { from: 4, to: 8 }),
        );
        return { got: block.apply(p, x, told), want: x.add(conv.apply(p.conv2, silu(modulated))) };
      },
      params,
      sample([2, 3, 3, 4], 1),
      sample([2, 3], 2),
    ),
  );
});

"""The networks of src/nn in PyTorch: the same architecture, names and shapes of parameters, so that weights can be exchanged.

build(model) takes a model of bench/engine/models.ts. Every module is called as module(x, t, condition).
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {"silu": F.silu, "mish": F.mish}


def build(model):
    """model: {network: {kind, ...}, x, condition}."""
    options = dict(model["network"])
    network = NETWORKS[options.pop("kind")]
    return network(shape=model["x"], condition=model["condition"], **options)


def joined(*parts):
    return torch.cat([part for part in parts if part is not None], -1)


def zeroed(layer):
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


class Mlp(nn.Module):
    """A multilayer perceptron on [x, t, condition]."""

    def __init__(self, shape, condition, hidden, depth):
        super().__init__()
        size = math.prod(shape)
        widths = [size + 1 + condition, *[hidden] * depth]
        layers = []
        for inputs, outputs in zip(widths, widths[1:]):
            layers += [nn.Linear(inputs, outputs), nn.SiLU(inplace=True)]
        self.net = nn.Sequential(*layers, nn.Linear(hidden, size))

    def forward(self, x, t, condition):
        return self.net(joined(x, t[:, None], condition))


class TimeEncoder(nn.Module):
    """Linear(activation(Linear(sines of 1000 t))); frequencies are a buffer, computed once."""

    def __init__(self, size, hidden, outputs, activation, names=("0", "2"), first="sin"):
        super().__init__()
        half = size // 2
        exponents = torch.arange(half, dtype=torch.float64) / (half - 1 if first == "sin" else half)
        self.register_buffer("frequencies", (10000.0**-exponents).float(), persistent=False)
        self.first, self.names, self.activation = first, names, ACTIVATIONS[activation]
        self.add_module(names[0], nn.Linear(size, hidden))
        self.add_module(names[1], nn.Linear(hidden, outputs))

    def forward(self, t):
        phases = (1000 * t)[:, None] * self.frequencies
        waves = (phases.sin(), phases.cos()) if self.first == "sin" else (phases.cos(), phases.sin())
        h = self.activation(getattr(self, self.names[0])(torch.cat(waves, -1)))
        return getattr(self, self.names[1])(h)


class FilmBlock(nn.Module):
    """h + W2 silu(W1 (LayerNorm(h) (1 + scale) + shift)), [scale, shift] from silu(e)."""

    def __init__(self, hidden, inner, told):
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.linear1 = nn.Linear(hidden, inner)
        self.linear2 = zeroed(nn.Linear(inner, hidden))
        self.told = nn.Linear(told, 2 * hidden)

    def forward(self, h, e):
        scale, shift = self.told(F.silu(e)).chunk(2, -1)
        return h + self.linear2(F.silu(self.linear1(torch.addcmul(shift, self.norm(h), 1 + scale))))


class ResidualMlp(nn.Module):
    """Pre-norm residual blocks on Linear([x, condition]), each told [time embedding, condition]."""

    def __init__(self, shape, condition, hidden, depth, expansion, timeOutputs, conditioning, timeSize):
        super().__init__()
        assert conditioning == "film"
        size = math.prod(shape)
        self.time = TimeEncoder(timeSize, timeOutputs, timeOutputs, "silu")
        self.input = nn.Linear(size + condition, hidden)
        block = (hidden, hidden * expansion, timeOutputs + condition)
        self.blocks = nn.ModuleList([FilmBlock(*block) for _ in range(depth)])
        self.norm = nn.LayerNorm(hidden)
        self.output = nn.Linear(hidden, size)

    def forward(self, x, t, condition):
        e = joined(self.time(t).expand(x.shape[0], -1), condition)
        h = self.input(joined(x, condition))
        for block in self.blocks:
            h = block(h, e)
        return self.output(self.norm(h))


class ConvBlock1d(nn.Module):
    def __init__(self, inputs, outputs, kernel, groups):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2), nn.GroupNorm(groups, outputs), nn.Mish()
        )

    def forward(self, x):
        return self.block(x)


class ResidualBlock1d(nn.Module):
    """block(film(block(x))) + x, with y -> scale y + bias after the first."""

    def __init__(self, inputs, outputs, kernel, groups, told):
        super().__init__()
        self.blocks = nn.ModuleList(
            [ConvBlock1d(inputs, outputs, kernel, groups), ConvBlock1d(outputs, outputs, kernel, groups)]
        )
        self.cond_encoder = nn.Sequential(nn.Mish(), nn.Linear(told, 2 * outputs))
        self.residual_conv = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, told):
        scale, bias = self.cond_encoder(told)[..., None].chunk(2, 1)
        return self.blocks[1](torch.addcmul(bias, scale, self.blocks[0](x))) + self.residual_conv(x)


class Resample(nn.Module):
    def __init__(self, conv):
        super().__init__()
        self.conv = conv

    def forward(self, x):
        return self.conv(x)


class Unet1d(nn.Module):
    """The conditional U-Net of diffusion policy [chi2023] on [batch, length, size]."""

    def __init__(self, shape, condition, widths, kernel, groups, timeSize, blocksPerLevel):
        super().__init__()
        size = shape[-1]
        block = {"kernel": kernel, "groups": groups, "told": timeSize + condition}

        def level(inputs, outputs, resample):
            modules = {"0": ResidualBlock1d(inputs, outputs, **block)}
            if blocksPerLevel == 2:
                modules["1"] = ResidualBlock1d(outputs, outputs, **block)
            if resample is not None:
                modules["2"] = Resample(resample(outputs))
            return nn.ModuleDict(modules)

        def halve(width):
            return nn.Conv1d(width, width, 3, stride=2, padding=1)

        def double(width):
            return nn.ConvTranspose1d(width, width, 4, stride=2, padding=1)

        self.diffusion_step_encoder = TimeEncoder(timeSize, 4 * timeSize, timeSize, "mish", names=("1", "3"))
        last = len(widths) - 1
        sizes = [size, *widths]
        self.down_modules = nn.ModuleList(
            [level(sizes[i], sizes[i + 1], halve if i < last else None) for i in range(last + 1)]
        )
        self.mid_modules = nn.ModuleList([ResidualBlock1d(widths[-1], widths[-1], **block) for _ in range(2)])
        self.up_modules = nn.ModuleList(
            [level(2 * widths[i + 1], widths[i], double) for i in reversed(range(last))]
        )
        self.final_conv = nn.Sequential(ConvBlock1d(widths[0], widths[0], kernel, groups), nn.Conv1d(widths[0], size, 1))

    def forward(self, x, t, condition):
        told = joined(self.diffusion_step_encoder(t).expand(x.shape[0], -1), condition)
        h, skips = x.transpose(1, 2), []
        for level in self.down_modules:
            h = through(level, h, told)
            skips.append(h)
            h = level["2"](h) if "2" in level else h
        for block in self.mid_modules:
            h = block(h, told)
        for level in self.up_modules:
            h = level["2"](through(level, torch.cat([h, skips.pop()], 1), told))
        return self.final_conv(h).transpose(1, 2)


def through(level, h, told):
    h = level["0"](h, told)
    return level["1"](h, told) if "1" in level else h


class Condition(nn.Module):
    """Time MLP(t) + Linear(vector)."""

    def __init__(self, outputs, time, condition):
        super().__init__()
        self.time = TimeEncoder(time, outputs, outputs, "silu", first="cos")
        self.vector = nn.Linear(condition, outputs) if condition else None

    def forward(self, t, vector):
        time = self.time(t)
        return time if self.vector is None else time + self.vector(vector)


class Attention(nn.Module):
    """Self-attention, with the parameters of nn.MultiheadAttention."""

    def __init__(self, size, heads):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(3 * size, size)))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * size))
        self.out_proj = nn.Linear(size, size)

    def forward(self, x):
        batch, places, size = x.shape
        qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        query, key, value = qkv.view(batch, places, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        return self.out_proj(attend(query, key, value).transpose(1, 2).reshape(batch, places, size))


def attend(query, key, value):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(query, key, value)
    scores = (query / math.sqrt(query.shape[-1])) @ key.transpose(-2, -1)
    return scores.softmax(-1) @ value


def modulated(norm, h, scale, shift):
    return torch.addcmul(shift[:, None], norm(h), 1 + scale[:, None])


class DitBlock(nn.Module):
    """Attention and MLP, both modulated and gated from what the block is told [peebles2023]."""

    def __init__(self, hidden, heads, inner):
        super().__init__()
        self.norm1 = nn.LayerNorm(hidden, eps=1e-6, elementwise_affine=False)
        self.attn = Attention(hidden, heads)
        self.norm2 = nn.LayerNorm(hidden, eps=1e-6, elementwise_affine=False)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(hidden, inner), "fc2": nn.Linear(inner, hidden)})
        self.adaLN_modulation = nn.Sequential(nn.Identity(), zeroed(nn.Linear(hidden, 6 * hidden)))

    def forward(self, x, told):
        shift_a, scale_a, gate_a, shift_b, scale_b, gate_b = self.adaLN_modulation(told).chunk(6, -1)
        h = torch.addcmul(x, gate_a[:, None], self.attn(modulated(self.norm1, x, scale_a, shift_a)))
        inner = F.gelu(self.mlp["fc1"](modulated(self.norm2, h, scale_b, shift_b)), approximate="tanh")
        return torch.addcmul(h, gate_b[:, None], self.mlp["fc2"](inner))


class FinalLayer(nn.Module):
    def __init__(self, hidden, outputs):
        super().__init__()
        self.norm_final = nn.LayerNorm(hidden, eps=1e-6, elementwise_affine=False)
        self.linear = zeroed(nn.Linear(hidden, outputs))
        self.adaLN_modulation = nn.Sequential(nn.Identity(), zeroed(nn.Linear(hidden, 2 * hidden)))

    def forward(self, h, told):
        shift, scale = self.adaLN_modulation(told).chunk(2, -1)
        return self.linear(modulated(self.norm_final, h, scale, shift))


class Positions(nn.Module):
    def __init__(self, count, hidden):
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(count, hidden))

    def forward(self, x):
        return x + self.weight


class Dit(nn.Module):
    """The diffusion transformer with adaLN-Zero [peebles2023] on [batch, tokens, size]."""

    def __init__(self, shape, condition, hidden, depth, heads, expansion):
        super().__init__()
        count, size = shape
        self.x_embedder = nn.Linear(size, hidden)
        self.positions = Positions(count, hidden)
        self.condition = Condition(hidden, hidden, condition)
        self.blocks = nn.ModuleList([DitBlock(hidden, heads, expansion * hidden) for _ in range(depth)])
        self.final_layer = FinalLayer(hidden, size)

    def forward(self, x, t, condition):
        told = F.silu(self.condition(t, condition))
        h = self.positions(self.x_embedder(x))
        for block in self.blocks:
            h = block(h, told)
        return self.final_layer(h, told)


class ResidualBlock2d(nn.Module):
    """x + conv(silu(N(conv(silu(N(x)))) (1 + scale) + shift)) [dhariwal2021]."""

    def __init__(self, inputs, outputs, groups, told):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.temb_proj = nn.Linear(told, 2 * outputs)
        self.norm2 = nn.GroupNorm(groups, outputs)
        self.conv2 = zeroed(nn.Conv2d(outputs, outputs, 3, padding=1))
        self.nin_shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, told):
        scale, shift = self.temb_proj(told)[..., None, None].chunk(2, 1)
        inner = self.norm2(self.conv1(F.silu(self.norm1(x))))
        return self.conv2(F.silu(torch.addcmul(shift, inner, 1 + scale))) + self.nin_shortcut(x)


class Level2d(nn.Module):
    def __init__(self, inputs, width, groups, told, resample):
        super().__init__()
        self.block = nn.ModuleList([ResidualBlock2d(inputs, width, groups, told)])
        for name, conv in resample.items():
            self.add_module(name, Resample(conv))

    def forward(self, x, told):
        return self.block[0](x, told)


class Unet2d(nn.Module):
    """The convolutional U-Net of diffusion models on [batch, channels, height, width], one block a level, no attention."""

    def __init__(self, shape, condition, widths, groups):
        super().__init__()
        channels, told, last = shape[0], 4 * widths[0], len(widths) - 1

        def down(i):
            resample = {"downsample": nn.Conv2d(widths[i], widths[i], 3, stride=2, padding=1)} if i < last else {}
            return Level2d(widths[max(0, i - 1)], widths[i], groups, told, resample)

        def up(i):
            resample = {"upsample": nn.ConvTranspose2d(widths[i], widths[i - 1], 4, stride=2, padding=1)} if i else {}
            return Level2d(2 * widths[i], widths[i], groups, told, resample)

        self.condition = Condition(told, widths[0], condition)
        self.conv_in = nn.Conv2d(channels, widths[0], 3, padding=1)
        self.down = nn.ModuleList([down(i) for i in range(last + 1)])
        block = (widths[-1], widths[-1], groups, told)
        self.mid = nn.ModuleDict({"block_1": ResidualBlock2d(*block), "block_2": ResidualBlock2d(*block)})
        self.up = nn.ModuleList([up(i) for i in range(last + 1)])
        self.norm_out = nn.GroupNorm(groups, widths[0])
        self.conv_out = zeroed(nn.Conv2d(widths[0], channels, 3, padding=1))

    def forward(self, x, t, condition):
        told = F.silu(self.condition(t, condition))
        h, skips = self.conv_in(x), []
        for level in self.down:
            h = level(h, told)
            skips.append(h)
            h = level.downsample(h) if hasattr(level, "downsample") else h
        h = self.mid["block_2"](self.mid["block_1"](h, told), told)
        for level in reversed(self.up):
            h = level(torch.cat([h, skips.pop()], 1), told)
            h = level.upsample(h) if hasattr(level, "upsample") else h
        return self.conv_out(F.silu(self.norm_out(h)))


NETWORKS = {"mlp": Mlp, "residualMlp": ResidualMlp, "dit": Dit, "unet1d": Unet1d, "unet2d": Unet2d}

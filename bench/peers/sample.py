"""Euler sampling from t = 0 to t = 1 in PyTorch: the twin of bench/engine/sampling.ts."""

import torch

from models import build


class Sampler(torch.nn.Module):
    """x0, condition -> x1 in `steps` equal steps."""

    def __init__(self, model):
        super().__init__()
        self.field = build(model)
        self.steps = model["steps"]
        self.register_buffer("times", torch.arange(self.steps).float().reshape(-1, 1) / self.steps)

    def forward(self, x, condition):
        for i in range(self.steps):
            x = x + self.field(x, self.times[i], condition) / self.steps
        return x


def traced(sampler, inputs):
    return torch.jit.freeze(torch.jit.trace(sampler, inputs))


class Sampling:
    def __init__(self, model, mode, variant):
        self.sampler = Sampler(model).eval().requires_grad_(False)
        self.model = self.sampler.field
        self.inputs = (torch.randn(1, *model["x"]), torch.randn(1, model["condition"]))
        self.run = self.sampler
        with torch.inference_mode():
            if mode == "trace":
                self.run = traced(self.sampler, self.inputs)
            elif mode == "compile":
                self.run = torch.compile(self.sampler, options={"freezing": variant == "frozen"})

    @torch.inference_mode()
    def step(self):
        return self.run(*self.inputs)

    @torch.inference_mode()
    def plain_step(self):
        return self.sampler(*self.inputs)

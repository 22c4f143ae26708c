"""Sampling many points by Euler steps in PyTorch: the twin of bench/flow/sampling.ts."""

import numpy as np
import torch

from models import build


def tensors(path):
    """The arrays of an npz file that advect wrote."""
    return {name: torch.from_numpy(array) for name, array in np.load(path).items()}


def loaded(model):
    """The network with the weights of the file, and the points of it."""
    arrays = tensors(model["file"])
    points = arrays.pop("points")
    network = build(model)
    network.load_state_dict(arrays)
    return network.eval().requires_grad_(False), points


class Step(torch.nn.Module):
    """x + v(x, t) / steps for one time of all rows."""

    def __init__(self, network, steps):
        super().__init__()
        self.network, self.steps = network, steps

    def forward(self, x, t):
        return torch.add(x, self.network(x, t, None), alpha=1 / self.steps)


class Points:
    """model: {network, x, condition, file, count, chunk, steps}; a step of the bench draws `count` points."""

    def __init__(self, model, mode, variant):
        self.model, points = loaded(model)
        self.chunks = points[: model["count"]].split(model["chunk"])
        size = self.chunks[0].shape[0]
        self.times = [torch.full((size,), i / model["steps"]) for i in range(model["steps"])]
        step = Step(self.model, model["steps"])
        with torch.inference_mode():
            if mode == "trace":
                step = torch.jit.freeze(torch.jit.trace(step.eval(), (self.chunks[0], self.times[0])))
            elif mode == "compile":
                step = torch.compile(step, options={"freezing": variant == "frozen"})
            self.advance = step

    @torch.inference_mode()
    def step(self):
        ends = []
        for x in self.chunks:
            for t in self.times:
                x = self.advance(x, t)
            ends.append(x)
        self.result = torch.cat(ends)

    def facts(self):
        return {}

"""Log-likelihood of points by torchdiffeq's dopri5: the twin of bench/flow/likelihood.ts."""

import math

import torch

from points import loaded


def reverse(network, x, t):
    """v and its divergence by a backward pass for each component."""
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        v = network(x, t, None)
        rows = [
            torch.autograd.grad(v[:, i].sum(), x, retain_graph=i + 1 < v.shape[1])[0][:, i]
            for i in range(v.shape[1])
        ]
    return v.detach(), sum(rows)


def pushed(network, x, t):
    """v and its divergence by pushing the unit vectors forward, side by side."""
    units = torch.eye(x.shape[1], dtype=x.dtype)

    def along(unit):
        return torch.func.jvp(lambda y: network(y, t, None), (x,), (unit.expand_as(x),))

    v, tangents = torch.func.vmap(along, out_dims=(None, 0))(units)
    return v, tangents.diagonal(dim1=0, dim2=2).sum(-1)


WAYS = {"reverse": reverse, "pushed": pushed}


class Density:
    """model: {network, x, condition, file, count, chunk, tolerance}; mode: "eager" or "compile"; variant: a way."""

    def __init__(self, model, mode, variant):
        from torchdiffeq import odeint

        self.odeint, self.options = odeint, model
        self.model, points = loaded(model)
        self.points = points[: model["count"]]
        rates = WAYS[variant]
        self.rates = torch.compile(rates, dynamic=False) if mode == "compile" else rates
        self.nfe = 0

    def field(self, t, state):
        """The divergence is evaluated in chunks, which keep the activations in the cache."""
        self.nfe += 1
        pieces = [self.rates(self.model, x, t.expand(len(x))) for x in state[0].split(self.options["chunk"])]
        return tuple(torch.cat(parts) for parts in zip(*pieces))

    @torch.no_grad()
    def step(self):
        self.nfe = 0
        times = torch.tensor([1.0, 0.0])
        start = (self.points, torch.zeros(len(self.points)))
        tolerance = self.options["tolerance"]
        x, change = self.odeint(self.field, start, times, rtol=tolerance, atol=tolerance, method="dopri5")
        prior = -x[-1].square().sum(-1) / 2 - x[-1].shape[1] / 2 * math.log(2 * math.pi)
        self.result = prior + change[-1]

    def facts(self):
        return {"nfe": self.nfe}

"""One training step of flow matching in PyTorch, as fast as its own tools allow: the twin of bench/engine/training.ts."""

import torch

from models import build

ROWS = 4096
modern = int(torch.__version__.split(".")[0]) >= 2


def draw_data(model, variant):
    """Rows to gather batches from; images channels-last if asked."""
    x1 = torch.randn(ROWS, *model["x"])
    if variant == "channelsLast":
        x1 = x1.to(memory_format=torch.channels_last)
    return x1, torch.randn(ROWS, model["condition"]) if model["condition"] else None


def loss_of(module, x0, x1, t, condition):
    """Mean of |v(x_t, t) - (x1 - x0)|^2 with x_t = (1 - t) x0 + t x1 [lipman2023]."""
    time = t.reshape(-1, *[1] * (x1.dim() - 1))
    xt = (1 - time) * x0 + time * x1
    return (module(xt, t, condition) - (x1 - x0)).square().mean()


class Training:
    def __init__(self, model, mode, variant):
        self.batch, self.settings = model["batch"], model["training"]
        self.model = build(model)
        if variant == "channelsLast":
            self.model = self.model.to(memory_format=torch.channels_last)
        self.x1, self.condition = draw_data(model, variant)
        self.parameters = list(self.model.parameters())
        self.ema = [p.detach().clone() for p in self.parameters]
        self.optimizer = torch.optim.AdamW(
            self.parameters,
            lr=self.settings["learningRate"],
            weight_decay=self.settings["weightDecay"],
            **({"fused": True} if modern else {"foreach": True}),
        )
        self.loss = torch.compile(loss_of) if mode == "compile" else loss_of

    def batch_of(self):
        rows = torch.randint(ROWS, (self.batch,))
        x1 = self.x1[rows]
        condition = None if self.condition is None else self.condition[rows]
        return torch.randn_like(x1), x1, torch.rand(self.batch), condition

    def step(self):
        self.advance(self.loss)

    def plain_step(self):
        self.advance(loss_of)

    def advance(self, loss):
        self.optimizer.zero_grad(set_to_none=True)
        loss(self.model, *self.batch_of()).backward()
        self.clip()
        self.optimizer.step()
        self.average()

    @torch.no_grad()
    def clip(self):
        if modern:
            torch.nn.utils.clip_grad_norm_(self.parameters, self.settings["clip"], foreach=True)
            return
        gradients = [p.grad for p in self.parameters]  # 1.13 has no foreach clipping of its own
        norm = torch.stack(torch._foreach_norm(gradients)).norm().item()
        torch._foreach_mul_(gradients, min(1.0, self.settings["clip"] / (norm + 1e-6)))

    @torch.no_grad()
    def average(self):
        decay = self.settings["emaDecay"]
        if modern:
            torch._foreach_lerp_(self.ema, self.parameters, 1 - decay)
            return
        torch._foreach_mul_(self.ema, decay)
        torch._foreach_add_(self.ema, self.parameters, alpha=1 - decay)

    def forward_and_gradients(self, inputs):
        """For one given batch: the velocity, and the gradient of its mean square by every parameter."""
        self.optimizer.zero_grad(set_to_none=True)
        velocity = self.model(inputs["x"], inputs["t"], inputs.get("condition"))
        velocity.square().mean().backward()
        gradients = {f"gradient.{name}": p.grad for name, p in self.model.named_parameters()}
        return {"velocity": velocity.detach().contiguous(), **gradients}

"""A peer: reads one JSON request a line on stdin, answers one JSON line on stdout. The bench starts one per setting.

hello                                      -> {"torch", "blas", "python", "threads", "modes"}
prepare {id, task, model, mode, variant, warmup}
                                           -> {"parameters", "prepareMs"}  "train": "plain" | "channelsLast"
                                                                           "sample": "plain" | "frozen"
release {id}                               -> {}
load    {id, path}                         -> {}                           weights, from a safetensors file
forward {id, path, output}                 -> {}                           inputs x, t, condition -> velocity, gradients
flops   {id}                               -> {"flops"}                    of one step, counted by PyTorch 2.x
compare {id, path}                         -> {"difference"}, facts        from the numbers of an npy file, of the last step
round   {id, steps, warmup}                -> {"ms": [...]}                one number a step
gemm    {m, n, k, repeats}                 -> {"ms": [...]}

OMP_NUM_THREADS and OPENBLAS_NUM_THREADS come from the environment; TORCH_THREADS is set here.
"""

import json
import os
import platform
import sys
import time
import traceback

import numpy as np
import torch

from density import Density
from points import Points
from sample import Sampling
from train import Training

tasks = {"train": Training, "sample": Sampling, "points": Points, "density": Density}


def timed(step, count):
    """Milliseconds of each of `count` calls."""
    result = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        result.append(1e3 * (time.perf_counter() - start))
    return result


def blas_name():
    config = torch.__config__.show()
    if "MKL" in torch.__config__.parallel_info() and "MKL not found" not in torch.__config__.parallel_info():
        return "MKL"
    return "OpenBLAS" if "BLAS_INFO=open" in config or "openblas" in loaded_libraries() else "generic BLAS"


def loaded_libraries():
    """The shared libraries of this process; Debian's torch names its BLAS only there."""
    try:
        with open("/proc/self/maps") as maps:
            return maps.read()
    except OSError:
        return ""


class Worker:
    def __init__(self):
        self.tasks = {}

    def hello(self):
        torch.mm(torch.ones(2, 2), torch.ones(2, 2))
        modern = int(torch.__version__.split(".")[0]) >= 2
        return {
            "torch": torch.__version__,
            "blas": blas_name(),
            "python": platform.python_version(),
            "threads": torch.get_num_threads(),
            "modes": {
                "train": ["eager", "compile"] if modern else ["eager"],
                "sample": ["eager", "trace", "compile"] if modern else ["eager", "trace"],
            },
        }

    def prepare(self, id, task, model, mode, variant="plain", warmup=3):
        start = time.perf_counter()
        torch.manual_seed(0)
        if mode == "compile":
            torch._dynamo.reset()
        prepared = self.tasks[id] = tasks[task](model, mode, variant)
        timed(prepared.step, warmup)
        parameters = sum(p.numel() for p in prepared.model.parameters())
        return {"parameters": parameters, "prepareMs": 1e3 * (time.perf_counter() - start)}

    def release(self, id):
        del self.tasks[id]
        return {}

    def load(self, id, path):
        from safetensors.torch import load_file

        self.tasks[id].model.load_state_dict(load_file(path))
        return {}

    def forward(self, id, path, output):
        from safetensors.torch import load_file, save_file

        save_file(self.tasks[id].forward_and_gradients(load_file(path)), output)
        return {}

    def compare(self, id, path):
        task = self.tasks[id]
        difference = np.abs(task.result.numpy() - np.load(path)).max()
        return {"difference": float(difference), **task.facts()}

    def flops(self, id):
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            self.tasks[id].plain_step()
        return {"flops": counter.get_total_flops()}

    def round(self, id, steps, warmup=1):
        step = self.tasks[id].step
        timed(step, warmup)
        return {"ms": timed(step, steps)}

    def gemm(self, m, n, k, repeats):
        a, b, out = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
        timed(lambda: torch.mm(a, b, out=out), 3)
        return {"ms": timed(lambda: torch.mm(a, b, out=out), repeats)}


def main():
    torch.set_num_threads(int(os.environ.get("TORCH_THREADS", torch.get_num_threads())))
    worker = Worker()
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print must not reach the protocol
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("cmd"))(**request)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {str(error)[:500]}"}
        print(json.dumps(answer), file=answers, flush=True)


main()

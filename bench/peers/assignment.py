"""SciPy's linear assignment: reads one JSON request a line on stdin, answers one JSON line on stdout.

prepare {batch, size, x0, x1}  -> {}              x0, x1: lists of base64 float32 arrays [batch, size]
costs   {}                     -> {"costs"}       of the least matching of each pair of arrays
round   {steps}                -> {"ms": [...]}   of each step: cost matrices and matchings of all pairs, for one pair
"""

import base64
import json
import sys
import time

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist


class Peer:
    def prepare(self, batch, size, x0, x1):
        def arrays(texts):
            return [np.frombuffer(base64.b64decode(text), np.float32).reshape(batch, size) for text in texts]

        self.pairs = list(zip(arrays(x0), arrays(x1)))
        return {}

    def costs(self):
        found = []
        for x0, x1 in self.pairs:
            cost = cdist(x0, x1, "sqeuclidean")
            found.append(cost[linear_sum_assignment(cost)].sum())
        return {"costs": found}

    def step(self):
        for x0, x1 in self.pairs:
            linear_sum_assignment(cdist(x0, x1, "sqeuclidean"))

    def round(self, steps):
        self.step()
        ms = []
        for _ in range(steps):
            start = time.perf_counter()
            self.step()
            ms.append(1e3 * (time.perf_counter() - start) / len(self.pairs))
        return {"ms": ms}


peer = Peer()
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = getattr(peer, request.pop("cmd"))(**request)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {str(error)[:500]}"}
    print(json.dumps(answer), flush=True)

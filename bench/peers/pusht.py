"""PushT on pymunk, as gym-pusht and diffusion_policy step it. One JSON request a line on stdin, one answer on stdout.

hello                                     -> {"pymunk", "shapely", "python"}
prepare {mode, episodes, batch}           -> {}             mode "physics" | "environment"; episodes [[seed, actions]]
round   {steps, warmup}                   -> {"ms": [...]}  one number for each `batch` control steps
final   {}                                -> {"states"}     after each episode: agent x, y, block x, y, angle

Scene, constants and order of construction are those of the reference environment; nothing is drawn.
"""

import json
import platform
import sys
import time
import traceback

import numpy as np
import pymunk

try:
    import shapely
    from shapely.geometry import MultiPolygon, Polygon
except ImportError:
    shapely = None

BAR = [(-60, 0), (60, 0), (60, 30), (-60, 30)]
STEM = [(-15, 30), (15, 30), (15, 120), (-15, 120)]
CORNERS = [(5, 506), (5, 5), (506, 5), (506, 506)]


class PushT:
    def __init__(self, seed):
        self.space = pymunk.Space()
        self.space.gravity = 0, 0
        self.space.damping = 0
        ends = [(0, 1), (1, 2), (2, 3), (0, 3)]
        self.space.add(*[pymunk.Segment(self.space.static_body, CORNERS[a], CORNERS[b], 2) for a, b in ends])
        self.agent = pymunk.Body(body_type=pymunk.Body.KINEMATIC)
        self.agent.position = (256, 400)
        self.space.add(self.agent, pymunk.Circle(self.agent, 15))
        self.block = self.add_block()
        goal = pymunk.Transform.translation(256, 256) @ pymunk.Transform.rotation(np.pi / 4)
        self.goal = self.multipolygon(lambda point: goal @ pymunk.Vec2d(*point)) if shapely else None
        random = np.random.RandomState(seed)
        self.agent.position = [float(random.randint(50, 450)) for _ in range(2)]
        self.block.position = [float(random.randint(100, 400)) for _ in range(2)]
        self.block.angle = float(random.randn() * 2 * np.pi - np.pi)
        self.space.step(0.01)

    def add_block(self):
        inertia = pymunk.moment_for_poly(1, BAR)
        block = pymunk.Body(1, 2 * inertia)
        bar, stem = pymunk.Poly(block, BAR), pymunk.Poly(block, STEM)
        block.center_of_gravity = (bar.center_of_gravity + stem.center_of_gravity) / 2
        block.position = (256, 300)
        self.space.add(block, bar, stem)
        return block

    def multipolygon(self, to_world):
        return MultiPolygon([Polygon([to_world(point) for point in points]) for points in (BAR, STEM)])

    def physics(self, action):
        for _ in range(10):
            acceleration = 100 * (action - self.agent.position) + 20 * (pymunk.Vec2d.zero() - self.agent.velocity)
            self.agent.velocity += acceleration * 0.01
            self.space.step(0.01)

    def environment(self, action):
        self.physics(action)
        block = self.multipolygon(self.block.local_to_world)
        coverage = self.goal.intersection(block).area / self.goal.area
        return self.observation(), min(max(coverage / 0.95, 0), 1), coverage > 0.95

    def observation(self):
        return [*self.agent.position, *self.block.position, self.block.angle % (2 * np.pi)]


class Bench:
    def hello(self):
        versions = {"pymunk": pymunk.version, "shapely": shapely.__version__ if shapely else None}
        return {**versions, "python": platform.python_version()}

    def prepare(self, mode, episodes, batch):
        self.mode, self.batch = mode, batch
        self.episodes = [(seed, [pymunk.Vec2d(*a) for a in actions]) for seed, actions in episodes]
        self.steps = self.endless()
        return {}

    def endless(self):
        """Takes one control step a turn; begins with the first episode again after the last."""
        while True:
            for seed, actions in self.episodes:
                world = PushT(seed)
                step = getattr(world, self.mode)
                for action in actions:
                    step(action)
                    yield

    def round(self, steps, warmup=1):
        result = []
        for i in range(-warmup, steps):
            start = time.perf_counter()
            for _ in range(self.batch):
                next(self.steps)
            if i >= 0:
                result.append(1e3 * (time.perf_counter() - start))
        return {"ms": result}

    def final(self):
        states = []
        for seed, actions in self.episodes:
            world = PushT(seed)
            for action in actions:
                world.physics(action)
            states.append(world.observation())
        return {"states": states}


def main():
    bench = Bench()
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(bench, request.pop("cmd"))(**request)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {str(error)[:500]}"}
        print(json.dumps(answer), file=answers, flush=True)


main()

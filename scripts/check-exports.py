"""Checks exported files with Python's onnx and onnxruntime, and records what they compute in test/fixtures/engine.

Run: ADVECT_EXPORTS=.tmp/exports npx vitest run test/engine/onnx/golden-exports.test.ts
     python3 scripts/check-exports.py .tmp/exports   (needs onnx, onnxruntime, numpy)
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

fixtures = Path(__file__).parent.parent / "test" / "fixtures" / "engine"
versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}


def array(plain):
    return np.array(plain["data"], plain["dtype"]).reshape(plain["shape"])


def thinned(output):
    """About 64 of the elements, evenly spread, with as many digits as float32 has."""
    every = max(1, output.size // 64)
    return {"every": every, "numbers": [float(f"{x:.9g}") for x in output.ravel()[::every]]}


def record(path):
    content = path.read_bytes()
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    inputs = json.loads(path.with_suffix(".inputs.json").read_text())
    names = [output.name for output in session.get_outputs()]
    results = session.run(names, {name: array(plain) for name, plain in inputs.items()})
    golden = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "checker": "ok",
        "versions": versions,
        "outputs": {name: thinned(result) for name, result in zip(names, results)},
    }
    (fixtures / f"{path.stem}.json").write_text(json.dumps(golden) + "\n")
    print(f"{path.stem}: {len(content)} bytes, {len(names)} outputs")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    paths = sorted(Path(sys.argv[1]).glob("*.onnx"))
    if not paths:
        raise SystemExit(f"no .onnx files in {sys.argv[1]}, so the recorded numbers stay\n\n{__doc__}")
    fixtures.mkdir(parents=True, exist_ok=True)
    for path in paths:
        record(path)
    for old in set(fixtures.glob("*.json")) - {fixtures / f"{path.stem}.json" for path in paths}:
        old.unlink()


main()

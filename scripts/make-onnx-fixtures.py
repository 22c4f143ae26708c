"""Writes test/fixtures/onnx: small models, and what Python's onnxruntime computes with them.

Run: python3 scripts/make-onnx-fixtures.py   (needs onnx, onnxruntime, numpy)
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = Path(__file__).parent.parent / "test" / "fixtures" / "onnx"


def save(name, model):
    (folder / name).write_bytes(model.SerializeToString(deterministic=True))


def everything():
    """The model of test/engine/onnx/encode.test.ts: every kind of attribute and element type."""
    inner = helper.make_graph(
        [helper.make_node("Identity", ["p"], ["q"])], "inner", [], [onnx.ValueInfoProto(name="q")]
    )
    odd = helper.make_node("Odd", ["p", "", "i"], ["y"], domain="test.odd")
    odd.attribute.extend(
        [
            helper.make_attribute("ints", [-1, 0, 2**40, -(2**63)]),
            helper.make_attribute("floats", [0.5, -2.0]),
            helper.make_attribute("string", "nearest → ü"),
            helper.make_attribute("strings", ["a", ""]),
            helper.make_attribute("tensor", numpy_helper.from_array(np.array([True, False, True]), "")),
            helper.make_attribute("body", inner),
        ]
    )
    dense = helper.make_node("Gemm", ["x", "w", "b"], ["h"], name="dense")
    dense.attribute.extend([helper.make_attribute("alpha", 1.0), helper.make_attribute("transB", 1)])
    softmax = helper.make_node("Softmax", ["h"], ["p"], axis=-1)
    weights = {
        "w": np.arange(1, 7, dtype=np.float32).reshape(3, 2),
        "b": np.array(0.1, np.float64),
        "i": np.array([-1, 2**62], np.int64),
        "j": np.array([[-7]], np.int32),
        "k": np.zeros(0, np.uint8),
    }
    graph = helper.make_graph(
        [dense, softmax, odd],
        "everything",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 2])],
        [helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["batch", None])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
        value_info=[helper.make_tensor_value_info("h", TensorProto.FLOAT, ["batch", 3])],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1), helper.make_opsetid("test.odd", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="advect")
    helper.set_model_props(model, {"author": "advect"})
    return model


folder.mkdir(parents=True, exist_ok=True)
save("everything.onnx", everything())

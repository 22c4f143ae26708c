"""Writes test/fixtures/onnx: small models, and what Python's onnxruntime computes with them.

Run: python3 scripts/make-onnx-fixtures.py   (needs onnx, onnxruntime, numpy)
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
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


def typed():
    """Every element type twice: in the field of its type, and as raw bytes."""
    values = {
        "FLOAT": [0.5, -2, 1e30],
        "DOUBLE": [0.1, -1e300],
        "INT8": [-128, 127],
        "INT16": [-32768, 32767],
        "INT32": [-1, 2**31 - 1],
        "INT64": [-(2**63), 2**63 - 1, 0],
        "UINT8": [0, 255],
        "UINT16": [0, 65535],
        "UINT32": [0, 2**32 - 1],
        "UINT64": [0, 2**64 - 1],
        "BOOL": [True, False],
        "FLOAT16": [0.5, -2, 65504],
        "BFLOAT16": [0.5, -2, 2.0**100],
    }
    tensors = []
    for name, numbers in values.items():
        kind = getattr(TensorProto, name)
        tensor = helper.make_tensor(f"typed/{name}", kind, [len(numbers)], numbers)
        raw = numpy_helper.to_array(tensor).tobytes()
        tensors += [tensor, helper.make_tensor(f"raw/{name}", kind, [len(numbers)], raw, raw=True)]
    return helper.make_model(helper.make_graph([], "typed", [], [], tensors))


def refused():
    """What advect does not read."""
    identity = helper.make_node("Identity", ["x"], ["y"])
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    external = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    external.external_data.add(key="location", value="weights.bin")
    yield "external", helper.make_model(helper.make_graph([identity], "g", [x], [y], [external]))
    text = helper.make_tensor("s", TensorProto.STRING, [1], ["text"])
    yield "string", helper.make_model(helper.make_graph([identity], "g", [x], [y], [text]))
    s = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, [1])
    yield "sequence", helper.make_model(helper.make_graph([identity], "g", [s], [y]))
    function = helper.make_function("f", "F", ["x"], ["y"], [identity], [helper.make_opsetid("", 21)])
    yield "function", helper.make_model(helper.make_graph([identity], "g", [x], [y]), functions=[function])


folder.mkdir(parents=True, exist_ok=True)
save("everything.onnx", everything())
save("typed.onnx", typed())
for name, model in refused():
    save(f"refused-{name}.onnx", model)

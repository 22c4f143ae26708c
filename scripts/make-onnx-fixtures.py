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


rng = np.random.default_rng(0)
node = helper.make_node
FLOAT, INT64, HALF, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.FLOAT16, TensorProto.BOOL


def draw(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def value(name, kind, shape=None):
    return helper.make_tensor_value_info(name, kind, shape)


def model_of(opset, nodes, inputs, outputs, weights=None, **others):
    stored = [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()]
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(*other) for other in others.items())]
    graph = helper.make_graph(nodes, "model", inputs, outputs, stored)
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def reductions(opset=13):
    """Axes as attributes, Split into equal parts, and a branch that reads a value from around it."""
    most = node("ReduceMax", ["h"], ["m"], axes=[1])
    mean = node("ReduceMean", ["h"], ["n"], axes=[-1], keepdims=1)
    branches = {
        "then_branch": helper.make_graph([most], "most", [], [value("m", FLOAT)]),
        "else_branch": helper.make_graph([mean], "mean", [], [value("n", FLOAT)]),
    }
    nodes = [
        node("Split", ["x"], ["a", "b"], axis=1),
        node("Mul", ["a", "b"], ["h"]),
        node("If", ["flag"], ["y"], **branches),
        node("ReduceL2", ["h"], ["norm"], axes=[0, 1], keepdims=0),
        node("ReduceSum", ["h", "axes"], ["total"]),
    ]
    outputs = [value("y", FLOAT, ["batch", 1]), value("norm", FLOAT, []), value("total", FLOAT, ["batch", 1])]
    axes = {"axes": np.array([1])}
    model = model_of(opset, nodes, [value("x", FLOAT, ["batch", 6]), value("flag", BOOL, [])], outputs, axes)
    return model, {"x": draw(2, 6), "flag": np.array(True)}


def regions(opset=13):
    """RoiAlign, whose default changed."""
    boxes = np.array([[0, 0, 3, 3], [1, 0, 2, 3]], np.float32)
    pooled = node("RoiAlign", ["x", "boxes", "which"], ["y"], output_height=2, output_width=2, sampling_ratio=2)
    weights = {"boxes": boxes, "which": np.array([0, 0])}
    model = model_of(opset, [pooled], [value("x", FLOAT, [1, 1, 4, 4])], [value("y", FLOAT, [2, 1, 2, 2])], weights)
    return model, {"x": draw(1, 1, 4, 4)}


def tokens(opset=17):
    """int64 in and out, layer normalisation, and a loop whose body has weights and reads from around it."""
    body = helper.make_graph(
        [
            node("Add", ["carried", "e"], ["sum"]),
            node("Mul", ["sum", "half"], ["next"]),
            node("Identity", ["go"], ["still"]),
        ],
        "body",
        [value("i", INT64, []), value("go", BOOL, []), value("carried", FLOAT, ["batch", 3, 4])],
        [value("still", BOOL, []), value("next", FLOAT, ["batch", 3, 4])],
        [numpy_helper.from_array(np.array(0.5, np.float32), "half")],
    )
    nodes = [
        node("Gather", ["table", "ids"], ["e"]),
        node("Constant", [], ["count"], value=numpy_helper.from_array(np.array(3))),
        node("Loop", ["count", "", "e"], ["h"], body=body),
        node("LayerNormalization", ["h", "scale"], ["y"], name="norm"),
        node("ArgMax", ["y"], ["best"], axis=-1, keepdims=0),
    ]
    weights = {"table": draw(5, 4), "scale": np.ones(4, np.float32)}
    outputs = [value("y", FLOAT, ["batch", 3, 4]), value("best", INT64, ["batch", 3])]
    model = model_of(opset, nodes, [value("ids", INT64, ["batch", 3])], outputs, weights)
    return model, {"ids": np.array([[0, 4, 2], [1, 1, 3]])}


def sampled(opset):
    """GridSample and the Fourier transform, which changed between operator sets 17 and 20."""
    nodes = [node("GridSample", ["x", "grid"], ["y"], mode="bilinear" if opset < 20 else "linear")]
    if opset < 20:
        nodes += [node("DFT", ["y"], ["f"], axis=2, onesided=0)]
    else:
        nodes += [node("DFT", ["y", "", "axis"], ["f"], onesided=0)]
    weights = {"grid": rng.uniform(-1, 1, (1, 4, 1, 2)).astype(np.float32), **({} if opset < 20 else {"axis": np.array(2)})}
    outputs = [value("y", FLOAT, [1, 1, 4, 1]), value("f", FLOAT, [1, 1, 4, 2])]
    return model_of(opset, nodes, [value("x", FLOAT, [1, 1, 3, 3])], outputs, weights), {"x": draw(1, 1, 3, 3)}


def half(opset=18):
    """Half precision in, inside, and out; the output's length has no name."""
    nodes = [node("MatMul", ["x", "w"], ["h"]), node("Tanh", ["h"], ["y"]), node("ReduceMax", ["y", "axes"], ["z"])]
    weights = {"w": draw(3, 2).astype(np.float16), "axes": np.array([0])}
    outputs = [value("y", HALF, [None, 2]), value("z", HALF, [1, 2])]
    return model_of(opset, nodes, [value("x", HALF, ["n", 3])], outputs, weights), {"x": draw(4, 3).astype(np.float16)}


def contributed(opset=21):
    """An operator of com.microsoft, and an output that is an input."""
    nodes = [node("QuickGelu", ["x"], ["y"], domain="com.microsoft", alpha=1.0)]
    shape = ["n", 3]
    outputs = [value("y", FLOAT, shape), value("x", FLOAT, shape)]
    return model_of(opset, nodes, [value("x", FLOAT, shape)], outputs, **{"com.microsoft": 1}), {"x": draw(2, 3)}


def convolved(opset=22):
    nodes = [
        node("Conv", ["x", "w"], ["c"], kernel_shape=[3], pads=[1, 1]),
        node("Sin", ["c"], ["s"]),
        node("Gelu", ["s"], ["y"]),
    ]
    outputs = [value("y", FLOAT, ["n", 3, "length"])]
    model = model_of(opset, nodes, [value("x", FLOAT, ["n", 2, "length"])], outputs, {"w": draw(3, 2, 3)})
    return model, {"x": draw(1, 2, 5)}


def plain(array):
    return {"dtype": str(array.dtype), "shape": list(array.shape), "data": array.ravel().tolist()}


def record(name, model, inputs):
    """The model, and beside it what onnxruntime computes, as JSON."""
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    outputs = session.run(None, inputs)
    names = [output.name for output in session.get_outputs()]
    arrays = {
        "inputs": {key: plain(array) for key, array in inputs.items()},
        "outputs": {key: plain(array) for key, array in zip(names, outputs)},
    }
    save(f"{name}.onnx", model)
    (folder / f"{name}.json").write_text(json.dumps(arrays) + "\n")


folder.mkdir(parents=True, exist_ok=True)
save("everything.onnx", everything())
save("typed.onnx", typed())
for name, model in refused():
    save(f"refused-{name}.onnx", model)
record("reductions-13", *reductions())
record("regions-13", *regions())
record("tokens-17", *tokens())
record("sampled-17", *sampled(17))
record("half-18", *half())
record("sampled-20", *sampled(20))
record("contributed-21", *contributed())
record("convolved-22", *convolved())

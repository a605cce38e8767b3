"""ONNX files for the tests: tiny networks whose answers can be told by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, BYTES = TensorProto.FLOAT, TensorProto.UINT8
Shape = tuple[int | str, ...]
IMAGE: Shape = (1, 3, "h", "w")
MASK: Shape = (1, 1, "h", "w")
BOTH: Shape = (1, 4, "h", "w")


def save(
    path: Path,
    nodes: list[onnx.NodeProto],
    inputs: dict[str, Shape],
    *,
    constants: dict[str, np.ndarray] | None = None,
    kind: int = FLOAT,
    card: dict[str, object] | None = None,
) -> Path:
    """Write a network whose output is called "out", and its card if given; return ``path``."""
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info("out", kind, None)],
        [numpy_helper.from_array(values, name) for name, values in (constants or {}).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(path))
    if card is not None:
        path.with_suffix(".json").write_text(json.dumps(card))
    return path


def save_painter(path: Path, *, card: dict[str, object] | None = None, side: int | str = "h") -> Path:
    """An inpainter: the picture, plus half the mask: a black hole becomes mid grey."""
    inputs: dict[str, Shape] = {"mask": (1, 1, side, side), "picture": (1, 3, side, side)}
    nodes = [
        helper.make_node("Mul", ["mask", "half"], ["grey"]),
        helper.make_node("Add", ["picture", "grey"], ["out"]),
    ]
    return save(path, nodes, inputs, constants={"half": np.array([0.5], np.float32)}, card=card)


def save_enlarger(path: Path, scale: int = 2, *, side: int | str = "h") -> Path:
    """An upscaler: each pixel becomes ``scale`` x ``scale`` equal ones."""
    nodes = [helper.make_node("Resize", ["picture", "", "scales"], ["out"], mode="nearest")]
    scales = np.array([1, 1, scale, scale], np.float32)
    return save(path, nodes, {"picture": (1, 3, side, side)}, constants={"scales": scales})


def save_negative(path: Path, *, card: dict[str, object] | None = None) -> Path:
    """A round trip: one minus the picture."""
    nodes = [helper.make_node("Sub", ["one", "picture"], ["out"])]
    return save(path, nodes, {"picture": IMAGE}, constants={"one": np.array([1], np.float32)}, card=card)

#!/usr/bin/env python3
"""Writes the half-precision form of a LaMa in float32, which Lakebrush takes as `inpaint.half_model`: inputs and output stay float32.

In float16 are the convolutions, with what lies between them alone. In float32 stay

- all that comes before the first Fourier transform, the encoder above all: an error made there goes through all blocks;
- the transforms (products of matrices, or the operator DFT) and the convolutions of the spectrum: its values grow with the plane, and pass
  float16's 65504;
- the sums of the residual blocks, since one of their terms is.

What overflows none the less comes out as NaN, infinity or black, which Lakebrush sees.
"""
import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

BAR = 2 / 255
"""Largest difference in the hole that is let pass, on the 0..1 scale."""
CONVOLUTIONS = {"Conv", "ConvTranspose"}
TRANSFORMS = {"MatMul", "Gemm", "Einsum", "DFT"}
BETWEEN = {"Relu": None, "LeakyRelu": None, "Add": None, "Concat": None, "Pad": (0, 2), "Slice": (0,), "Split": (0,), "Identity": None}
"""What passes on float16 where all of its values are; which of its inputs are values, where not all are."""


def values(node: onnx.NodeProto) -> list[int]:
    """The inputs of a node in half precision that are float."""
    chosen = BETWEEN.get(node.op_type)
    return [i for i, name in enumerate(node.input) if name and (chosen is None or i in chosen)]


def simplified(source: Path) -> onnx.ModelProto:
    """The model with constants folded and batch norms in their convolutions, in ONNX's own operators."""
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(Path(folder) / "simplified.onnx")
        options.log_severity_level = 3
        onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
        return onnx.load(options.optimized_model_filepath)


def halves(graph: onnx.GraphProto) -> list[bool]:
    """Which nodes go into half precision. Nodes stand in the order of their computation."""
    weights = {t.name for t in graph.initializer}
    heavy: dict[str, frozenset[str]] = {}
    after_transform: set[str] = set()
    half: set[str] = set()
    chosen = []
    for node in graph.node:
        inputs = [name for name in node.input if name and name not in weights]
        kinds = frozenset().union(*(heavy.get(name, frozenset()) for name in inputs))
        late = any(name in after_transform for name in inputs)
        if node.op_type in CONVOLUTIONS:
            choose = late and kinds != {"transform"}
        elif node.op_type in BETWEEN:
            floats = [node.input[i] for i in values(node) if node.input[i] not in weights]
            choose = bool(floats) and all(name in half for name in floats)
        else:
            choose = False
        chosen.append(choose)
        kind = "convolution" if node.op_type in CONVOLUTIONS else "transform" if node.op_type in TRANSFORMS else None
        for name in node.output:
            heavy[name] = frozenset({kind}) if kind else kinds
            if late or kind == "transform":
                after_transform.add(name)
            if choose:
                half.add(name)
    return chosen


def convert(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model in half precision; the one that is given is not changed."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    weights = {t.name: t for t in graph.initializer}
    chosen = halves(graph)
    if not any(chosen):
        raise ValueError("no convolution after a Fourier transform: expected a LaMa in float32")
    made_half = {name for node, half in zip(graph.node, chosen) if half for name in node.output}
    outputs = {o.name for o in graph.output}
    nodes: list[onnx.NodeProto] = []
    cast: dict[tuple[str, int], str] = {}

    def as_type(name: str, to: int, suffix: str) -> str:
        if (name, to) not in cast:
            cast[name, to] = name + suffix
            if name in weights:
                tensor = numpy_helper.to_array(weights[name])
                limit = np.finfo(np.float16).max
                graph.initializer.append(numpy_helper.from_array(np.clip(tensor, -limit, limit).astype(np.float16), name + suffix))
            else:
                nodes.append(helper.make_node("Cast", [name], [name + suffix], to=to, name=name + suffix))
        return cast[name, to]

    for original, half in zip(model.graph.node, chosen):
        node = onnx.NodeProto()
        node.CopyFrom(original)
        floats = set(values(node)) if half else set()
        for i, name in enumerate(node.input):
            if not name:
                continue
            if i in floats and name not in made_half:
                node.input[i] = as_type(name, TensorProto.FLOAT16, "_half")
            elif not half and name in made_half:
                node.input[i] = as_type(name, TensorProto.FLOAT, "_float")
        if half:
            for i, name in enumerate(node.output):
                if name in outputs:
                    node.output[i] = name + "_half"
        nodes.append(node)
        if half:
            nodes.extend(helper.make_node("Cast", [name + "_half"], [name], to=TensorProto.FLOAT)
                         for name in original.output if name in outputs)
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [t for t in graph.initializer if t.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    # Types in the middle are told anew by who reads the file.
    del graph.value_info[:]
    return result


def picture(image: Path | None, side: int) -> tuple[np.ndarray, np.ndarray]:
    """A crop with holes: of the middle of a photograph, or of waves and noise."""
    if image is None:
        y, x = np.mgrid[:side, :side] / side
        noise = np.random.default_rng(0).normal(0, 0.05, (3, side, side))
        rgb = np.stack([0.5 + 0.3 * np.sin(9 * x + c) * np.cos(7 * y) for c in range(3)]) + noise
    else:
        from PIL import Image
        whole = Image.open(image).convert("RGB")
        left, top = (whole.width - side) // 2, (whole.height - side) // 2
        rgb = np.asarray(whole.crop((left, top, left + side, top + side)), np.float32).transpose(2, 0, 1) / 255
    mask = np.zeros((1, 1, side, side), np.float32)
    mask[..., side // 3:side // 2, side // 4:3 * side // 4] = 1
    mask[..., 5 * side // 8:5 * side // 8 + 4, :] = 1
    return (np.clip(rgb, 0, 1)[None] * (1 - mask)).astype(np.float32), mask


def output(model: Path, image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    names = {i.shape[1]: i.name for i in session.get_inputs()}
    return session.run(None, {names[3]: image, names[1]: mask})[0]


def differences(source: Path, half: Path, image: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """Largest and mean difference in the hole, on the 0..1 scale."""
    expected, found = output(source, image, mask), output(half, image, mask)
    scale = 255 if expected.max() > 2 else 1
    difference = np.abs(expected - found)[np.broadcast_to(mask > 0, expected.shape)] / scale
    return float(difference.max()), float(difference.mean())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="a LaMa in float32, an .onnx file")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--image", type=Path, help="a photograph to compare on; else waves and noise")
    parser.add_argument("--side", type=int, default=512, help="of the crop to compare on")
    arguments = parser.parse_args()
    properties = {p.key: p.value for p in onnx.load(str(arguments.source), load_external_data=False).metadata_props}
    simple = simplified(arguments.source)
    result = convert(simple)
    properties["lama.name"] = properties.get("lama.name", arguments.source.stem) + "-half"
    helper.set_model_props(result, properties)
    onnx.checker.check_model(result, full_check=True)
    onnx.save(result, str(arguments.out))
    largest, mean = differences(arguments.source, arguments.out, *picture(arguments.image, arguments.side))
    convolutions = [half for node, half in zip(simple.graph.node, halves(simple.graph)) if node.op_type in CONVOLUTIONS]
    print(f"{arguments.out}: {sum(convolutions)} of {len(convolutions)} convolutions in float16, {arguments.out.stat().st_size:,} bytes; "
          f"largest difference in the hole {largest:.1e}, mean {mean:.1e}, bar {BAR:.1e}")
    return 0 if largest <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())

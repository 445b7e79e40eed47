"""python -m unittest, in this folder. Needs no torch."""
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import half

LITE = Path(__file__).parent.parent / "lama-lite.onnx"


def small() -> onnx.ModelProto:
    """encoder -> (local + (y = relu(conv) -> product -> spectrum's convolution -> product -> + y -> conv)) -> conv -> output."""
    random = np.random.default_rng(0)
    weights = {name: (random.normal(0, 0.2, shape)).astype(np.float32) for name, shape in {
        "encoder.w": (4, 3, 1, 1), "local.w": (4, 4, 3, 3), "first.w": (4, 4, 1, 1), "spectrum.w": (4, 4, 1, 1), "second.w": (4, 4, 1, 1),
        "there": (8, 8), "back": (8, 8), "body.w": (4, 4, 3, 3), "last.w": (3, 4, 1, 1)}.items()}
    same = {"pads": [1, 1, 1, 1]}
    nodes = [helper.make_node("Mul", ["image", "mask"], ["hidden"]), helper.make_node("Sub", ["image", "hidden"], ["known"]),
             helper.make_node("Conv", ["known", "encoder.w"], ["e"], name="encoder"),
             helper.make_node("Conv", ["e", "first.w"], ["f"], name="first"), helper.make_node("Relu", ["f"], ["y"]),
             helper.make_node("MatMul", ["y", "there"], ["s"]),
             helper.make_node("Conv", ["s", "spectrum.w"], ["sc"], name="spectrum"), helper.make_node("Relu", ["sc"], ["sr"]),
             helper.make_node("MatMul", ["sr", "back"], ["g"]), helper.make_node("Add", ["g", "y"], ["sum"]),
             helper.make_node("Conv", ["sum", "second.w"], ["h"], name="second"),
             helper.make_node("Conv", ["e", "local.w"], ["l"], name="local", **same), helper.make_node("Add", ["h", "l"], ["block"]),
             helper.make_node("Conv", ["block", "body.w"], ["b"], name="body", **same),
             helper.make_node("Relu", ["b"], ["br"], name="between"),
             helper.make_node("Conv", ["br", "last.w"], ["output"], name="last")]
    inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 8, 8]),
              helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["n", 1, 8, 8])]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", 3, 8, 8])]
    graph = helper.make_graph(nodes, "small", inputs, outputs, [numpy_helper.from_array(v, k) for k, v in weights.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


class HalfTest(unittest.TestCase):
    def test_encoder_and_spectrum_stay(self):
        source = small()
        chosen = {n.name for n, h in zip(source.graph.node, half.halves(source.graph)) if h}
        self.assertEqual(chosen, {"second", "body", "between", "last"})

    def test_types_and_values(self):
        source = small()
        result = half.convert(source)
        onnx.checker.check_model(result, full_check=True)
        types = {t.name: t.data_type for t in onnx.shape_inference.infer_shapes(result).graph.initializer}
        self.assertEqual(types["last.w_half"], TensorProto.FLOAT16)
        self.assertEqual(types["spectrum.w"], TensorProto.FLOAT)
        self.assertNotIn("last.w", types)
        for value in (*result.graph.input, *result.graph.output):
            self.assertEqual(value.type.tensor_type.elem_type, TensorProto.FLOAT)
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder) / "a.onnx", Path(folder) / "b.onnx"
            onnx.save(source, str(files[0]))
            onnx.save(result, str(files[1]))
            largest, mean = half.differences(*files, *half.picture(None, 8))
        self.assertLess(largest, 2e-3)
        self.assertGreater(mean, 0)

    def test_what_has_no_transform_is_refused(self):
        source = small()
        for node in source.graph.node:
            if node.op_type == "MatMul":
                node.op_type = "Mul"
        with self.assertRaisesRegex(ValueError, "Fourier transform"):
            half.convert(source)

    def test_shipped_model(self):
        simple = half.simplified(LITE)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "half.onnx"
            onnx.save(half.convert(simple), str(file))
            largest, mean = half.differences(LITE, file, *half.picture(None, 128))
        self.assertLess(largest, half.BAR)
        self.assertGreater(mean, 0)


if __name__ == "__main__":
    unittest.main()

"""A torch model of (image, mask) -> image, written as the ONNX file that Lakebrush takes: dynamic batch, height and width."""
import copy
import warnings
from pathlib import Path
from typing import Mapping

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

OPSET = 17
"""Has all that is needed, and every execution provider of ONNX Runtime 1.28 knows it."""
EXAMPLE = (2, 64, 96)
"""Batch, height and width while tracing; what the file takes does not depend on them."""
THREADS = 2
BARS = {"fp32": 1e-4, "fp16": 2 / 255}
"""Largest difference from the source that is let pass, on the 0..1 scale."""
SMALL = 256
"""Tensors of fewer values are stored in float32 always: they are biases and constants."""


def export(module: nn.Module, path: str | Path, name: str, *, compute: str = "fp32", storage: str = "fp32", modulo: int = 8,
           metadata: Mapping[str, str] = {}) -> None:
    """Writes `module` to `path`; the module is left as it is.

    :param module: image [N,3,H,W] RGB 0..1 and mask [N,1,H,W], 1 = hole, both float32 -> [N,3,H,W] float32 RGB 0..1. Its Fourier units
        are `fourier.FourierUnit`, and it hands them `fourier.basis_for(x)`
    :param name: the model's, `lama.name`
    :param compute: `fp16`: weights and arithmetic in half precision, but for modules with an attribute `precise = True`, as the Fourier
        units are. The module then casts what it hands from one kind to the other, and its output back
    :param storage: `fp16`: weights are stored in half precision and cast once, when the model is opened; the arithmetic is as `compute` says
    :param modulo: what height and width must be multiples of
    :param metadata: more entries
    """
    for option in (compute, storage):
        if option not in ("fp32", "fp16"):
            raise ValueError(f"expected fp32 or fp16, found {option}")
    module = copy.deepcopy(module).cpu().float().eval().requires_grad_(False)
    if compute == "fp16":
        _halve(module)
    n, h, w = EXAMPLE
    inputs = (torch.rand(n, 3, h, w), (torch.rand(n, 1, h, w) > 0.7).float())
    with torch.no_grad(), warnings.catch_warnings():
        # The newer exporter needs two more packages, and specialises on sizes it can prove things about.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
        warnings.filterwarnings("ignore", message="Constant folding")  # of paddings; ONNX Runtime folds them.
        torch.onnx.export(module, inputs, str(path), input_names=["image", "mask"], output_names=["output"], opset_version=OPSET,
                          dynamo=False, dynamic_axes={k: {0: "batch", 2: "height", 3: "width"} for k in ("image", "mask", "output")})
    model = onnx.load(str(path))
    if storage == "fp16":
        _store_half(model)
    helper.set_model_props(model, {"lama.name": name, "lama.image_range": "0..1", "lama.output_range": "0..1", "lama.modulo": str(modulo),
                                   **metadata})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def session(path: str | Path, provider: str = "cpu", profile: bool = False) -> onnxruntime.InferenceSession:
    """The file opened as Lakebrush opens it, on two threads of the CPU or on a GPU; there without TF32, whose products are no float32."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    options.enable_profiling = profile
    cuda = ("CUDAExecutionProvider", {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"})
    providers = [cuda, "CPUExecutionProvider"] if provider == "cuda" else ["CPUExecutionProvider"]
    opened = onnxruntime.InferenceSession(str(path), options, providers=providers)
    if provider == "cuda" and cuda[0] not in opened.get_providers():
        raise RuntimeError("no CUDA here: it needs a GPU and the package onnxruntime-gpu")
    return opened


def run(opened: onnxruntime.InferenceSession, image: Tensor, mask: Tensor) -> Tensor:
    """The output for one batch."""
    return torch.from_numpy(opened.run(None, {"image": image.numpy(), "mask": mask.numpy()})[0])


@torch.no_grad()
def largest_difference(module: nn.Module, path: str | Path, image: Tensor, mask: Tensor) -> float:
    """Between a module and its file, on the 0..1 scale; NaN counts."""
    return (module(image, mask) - run(session(path), image, mask)).abs().max().item()


def _halve(module: nn.Module) -> None:
    """Half precision but for the parts that are `precise`."""
    if getattr(module, "precise", False):
        return
    for tensor in [*module.parameters(recurse=False), *module.buffers(recurse=False)]:
        if tensor.is_floating_point():
            tensor.data = tensor.data.half()
    for child in module.children():
        _halve(child)


def _store_half(model: onnx.ModelProto) -> None:
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size >= SMALL:
            casts.append(helper.make_node("Cast", [tensor.name + "_fp16"], [tensor.name], to=TensorProto.FLOAT, name=tensor.name + "_cast"))
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), tensor.name + "_fp16"))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)

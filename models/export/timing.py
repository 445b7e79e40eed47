#!/usr/bin/env python3
"""Seconds for one crop in ONNX Runtime, against PyTorch on the authors' own generator, and where they go. Full size, random weights."""
import argparse
import collections
import contextlib
import copy
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Iterator
from unittest import mock

import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import checkpoint
from folding import fold_batch_norms
from fourier import Basis, FourierUnit
from generator import Config, FFCBlock, FFCLayer, Generator, Pair
from inpainter import Inpainter
from official import official_generator
from onnx_export import THREADS, export, run, session
from parity import predict
from random_weights import enliven, picture

CHOSEN = "as exported"


# What was tried besides; all give the same output.

def separate_products(self: FourierUnit, x: Tensor, basis: Basis) -> Tensor:
    """The transform written out: twelve products, real and imaginary parts apart, on a spectrum [H, K]."""
    h, k = basis.height, basis.frequencies
    cos, sin = basis.columns[0, :h], basis.columns[0, h:]
    (to_real, to_imaginary), (from_real, from_imaginary) = (
        (rows[0::2].transpose(0, 1), rows[1::2].transpose(0, 1)) for rows in (basis.rows, basis.inverse_rows))
    a, b = x @ to_real, x @ to_imaginary
    real, imaginary = self._mix(torch.cat((cos @ a + sin @ b, cos @ b - sin @ a), 1)).chunk(2, 1)
    a, b = cos @ real - sin @ imaginary, cos @ imaginary + sin @ real
    return a @ from_real.transpose(0, 1) + b @ from_imaginary.transpose(0, 1)


def dft_operators(self: FourierUnit, x: Tensor, basis: Basis) -> Tensor:
    """ONNX `DFT`, there and back along both sides."""
    h, k = basis.height, basis.frequencies
    f = _Dft.apply(_Dft.apply(x.flatten(0, 1).unsqueeze(-1), 2, True, False), 1, False, False)  # [N C, H, K, 2]
    scale = torch.rsqrt(torch.as_tensor(x.shape[2] * x.shape[3]).float())
    f = f.reshape(-1, self.channels, h, k, 2).permute(0, 4, 1, 2, 3).reshape(-1, 2 * self.channels, h, k)
    f = self._mix(f * scale).reshape(-1, 2, self.channels, h, k).permute(0, 2, 3, 4, 1).reshape(-1, h, k, 2)
    f = _Dft.apply(_Dft.apply(f, 1, False, True), 2, True, True)
    return f.reshape(-1, self.channels, h, x.shape[3]) / scale


class _Dft(torch.autograd.Function):
    """[P,H,W,1 or 2] along one axis; a real transform has K values on its complex side. For even sizes."""

    @staticmethod
    def forward(context: Any, x: Tensor, axis: int, real: bool, inverse: bool) -> Tensor:
        if real and inverse:
            return torch.fft.irfft(torch.view_as_complex(x), dim=axis).unsqueeze(-1)
        if real:
            return torch.view_as_real(torch.fft.rfft(x.squeeze(-1), dim=axis))
        return torch.view_as_real((torch.fft.ifft if inverse else torch.fft.fft)(torch.view_as_complex(x), dim=axis))

    @staticmethod
    def symbolic(graph: Any, x: Any, axis: int, real: bool, inverse: bool) -> Any:
        return graph.op("DFT", x, axis_i=axis, onesided_i=int(real), inverse_i=int(inverse))


class OneLocal(nn.Module):
    """A folded layer whose local output is one convolution over local and global channels together."""

    def __init__(self, layer: FFCLayer):
        super().__init__()
        self.layer = layer
        self.bias = layer.ffc.convl2l.bias
        self.weight = nn.Parameter(torch.cat((layer.ffc.convl2l.weight, layer.ffc.convg2l.weight), 1))

    def forward(self, x: Pair, basis: Basis) -> Pair:
        padded = self.layer._pad(torch.cat(x, 1))
        ffc, local = self.layer.ffc, x[0].shape[1]
        return (F.relu(F.conv2d(padded, self.weight, self.bias)),
                F.relu(ffc.convl2g(padded[:, :local]) + ffc.convg2g(x[1], basis)))


class FromLocal(nn.Module):
    """A folded layer with one convolution for all that comes from its local channels."""

    def __init__(self, layer: FFCLayer):
        super().__init__()
        self.layer = layer
        both = layer.ffc.convl2l, layer.ffc.convl2g
        self.weight, self.bias = (nn.Parameter(torch.cat([getattr(conv, name) for conv in both])) for name in ("weight", "bias"))

    def forward(self, x: Pair, basis: Basis) -> Pair:
        ffc = self.layer.ffc
        y = F.conv2d(self.layer._pad(x[0]), self.weight, self.bias)
        local, global_ = y.split((ffc.convl2l.out_channels, ffc.convl2g.out_channels), 1)
        return F.relu(local + ffc.convg2l(self.layer._pad(x[1]))), F.relu(global_ + ffc.convg2g(x[1], basis))


def merged(folded: Generator, kind: Callable[[FFCLayer], nn.Module]) -> Generator:
    folded = copy.deepcopy(folded)
    for block in folded.model:
        if isinstance(block, FFCBlock):
            block.conv1, block.conv2 = kind(block.conv1), kind(block.conv2)
    return folded


def write(folder: Path, raw: Generator, variants: bool) -> dict[str, Path]:
    """The files that are measured, by what they are."""
    folded = fold_batch_norms(copy.deepcopy(raw))
    models: dict[str, tuple[Generator, Any]] = {CHOSEN: (folded, contextlib.nullcontext())}
    if variants:
        def products(form: Callable[..., Tensor]) -> Any:
            return mock.patch.object(FourierUnit, "_by_matrices", form)
        models |= {"batch norms not folded": (raw, contextlib.nullcontext()),
                   "local to local and global in one convolution": (merged(folded, FromLocal), contextlib.nullcontext()),
                   "local and global to local in one convolution": (merged(folded, OneLocal), contextlib.nullcontext()),
                   "transform in twelve separate products": (folded, products(separate_products)),
                   "transform by the operator DFT": (folded, products(dft_operators))}
    files = {}
    for i, (name, (generator, form)) in enumerate(models.items()):
        files[name] = folder / f"{i}.onnx"
        with form:
            export(Inpainter(generator), files[name], "timing")
    return files


def split(file: Path, image: Tensor, mask: Tensor, provider: str) -> dict[str, float]:
    """Seconds of one run by kind of node, from ONNX Runtime's profile: the faster of two runs, node by node."""
    opened = session(file, provider, profile=True)
    for _ in range(3):
        run(opened, image, mask)
    log = Path(opened.end_profiling())
    events = json.loads(log.read_text())
    log.unlink()
    nodes: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            nodes[event["args"]["op_name"], event["name"]].append(event["dur"] / 1e6)
    times = dict.fromkeys(("convolutions", "transforms", "layouts and paddings", "rest"), 0.0)
    for (operator, name), seconds in nodes.items():
        times[_kind(operator, name)] += min(seconds[1:])
    return times


def _kind(operator: str, name: str) -> str:
    if operator in ("Conv", "FusedConv", "ConvTranspose"):
        return "convolutions"
    if operator in ("ReorderInput", "ReorderOutput", "Pad", "Split"):
        return "layouts and paddings"
    return "transforms" if "/fu/" in name or operator in ("MatMul", "FusedMatMul", "DFT") else "rest"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--official", type=Path, required=True, help="a checkout of https://github.com/advimman/lama")
    parser.add_argument("--provider", choices=("cpu", "cuda"), default="cpu", help="of the files; with cuda the authors' code runs there too")
    parser.add_argument("--variants", action="store_true", help="the other forms that were tried, too")
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    official = enliven(official_generator(arguments.official))
    raw = checkpoint.build(Config(), official.state_dict())
    image, mask = picture(1, arguments.side, arguments.side, seed=5)
    official.to(arguments.provider)
    there = image.to(arguments.provider), mask.to(arguments.provider)
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder), raw, arguments.variants)
        runs: dict[str, Callable[[], Tensor]] = {"PyTorch, the authors' generator": lambda: predict(official, *there).cpu()}
        for name, file in files.items():
            runs[name] = lambda opened=session(file, arguments.provider): run(opened, image, mask)
        expected = {name: call() for name, call in runs.items()}
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
        for _ in range(arguments.rounds):
            for name, call in runs.items():
                wall, processor = time.perf_counter(), time.process_time()
                call()
                times[name].append((time.perf_counter() - wall, time.process_time() - processor))
        print(f"{arguments.side}x{arguments.side}, {arguments.provider}, {THREADS} threads, PyTorch {torch.__version__}, ONNX Runtime "
              f"{onnxruntime.__version__}; {arguments.rounds} rounds, all in turn\n")
        print("| seconds for one crop | fastest | median | fastest, processor time | largest difference |\n|---|---|---|---|---|")
        first = next(iter(expected.values()))
        for name, measured in times.items():
            wall, processor = zip(*measured)
            print(f"| {name} | {min(wall):.2f} | {statistics.median(wall):.2f} | {min(processor):.2f} | "
                  f"{(expected[name] - first).abs().max():.1e} |")
        runs.clear()
        print("\n| seconds of one run | " + " | ".join(kinds := ["convolutions", "transforms", "layouts and paddings", "rest"])
              + " |\n|---|" + "---|" * len(kinds))
        for name, file in files.items():
            parts = split(file, image, mask, arguments.provider)
            print(f"| {name} | " + " | ".join(f"{parts[kind]:.2f} ({parts[kind] / sum(parts.values()):.0%})" for kind in kinds) + " |",
                  flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Writes a full-size LaMa as an ONNX file for Lakebrush: any batch, height and width (multiples of 8)."""
import argparse
import sys
from pathlib import Path

import checkpoint
from folding import fold_batch_norms
from generator import Config, Generator
from inpainter import Inpainter
from onnx_export import BARS, export, largest_difference
from random_weights import enliven, picture

CHECKED = ((1, 64, 64), (2, 128, 192))
"""Batch, height, width of what a new file is compared with its source on."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--checkpoint", type=Path, help="the authors' folder big-lama (config.yaml, models/best.ckpt), or the .ckpt")
    source.add_argument("--torchscript", type=Path, help="a TorchScript file such as IOPaint's big-lama.pt")
    source.add_argument("--random-weights", action="store_true", help="of big-lama's shapes, for benchmarks and tests")
    parser.add_argument("--config", type=Path, help="the checkpoint's config.yaml, where it is not beside it")
    parser.add_argument("--seed", type=int, default=0, help="of the random weights")
    parser.add_argument("--precision", choices=("fp32", "fp16"), default="fp32",
                        help="fp16 leaves the encoder and the Fourier units in fp32; for GPUs")
    parser.add_argument("--out", type=Path, required=True, help="the ONNX file")
    arguments = parser.parse_args()
    try:
        if arguments.checkpoint:
            generator = checkpoint.from_checkpoint(arguments.checkpoint, arguments.config)
        elif arguments.torchscript:
            generator = checkpoint.from_torchscript(arguments.torchscript, arguments.config)
        else:
            generator = enliven(Generator(Config()), arguments.seed)
    except (ValueError, OSError, RuntimeError) as e:
        print(f"export.py: {e}", file=sys.stderr)
        return 2
    model = Inpainter(fold_batch_norms(generator))
    name = "big-lama-random" if arguments.random_weights else "big-lama-dynamic"
    export(model, arguments.out, name, compute=arguments.precision, modulo=2 ** generator.config.n_downsampling)
    difference = max(largest_difference(model, arguments.out, *picture(*size, seed=1)) for size in CHECKED)
    print(f"{arguments.out}: {name}, {arguments.precision}, {arguments.out.stat().st_size / 1e6:.0f} MB; "
          f"largest difference from its source {difference:.1e}")
    if not difference <= BARS[arguments.precision]:
        print(f"export.py: expected at most {BARS[arguments.precision]:.1e}: do not use this file", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

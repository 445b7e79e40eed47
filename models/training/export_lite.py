"""Writes a checkpoint of lama-lite's training as the ONNX file that Lakebrush ships: weights stored in fp16, arithmetic in fp32.

    export_lite.py CHECKPOINT --out lama-lite.onnx [--texture 0.9] [--recipe recipe.toml]
"""
import argparse
import tomllib
from pathlib import Path

import torch

import checkpoints
from onnx_export import export, largest_difference

BAR = 2 / 255
"""Largest difference from PyTorch in fp32 that rounding the weights to fp16 may make."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--texture", type=float, default=1.0, help="factor of its amplitude: less is more PSNR (default: 1)")
    parser.add_argument("--recipe", type=Path, default=Path(__file__).parent / "recipe.toml")
    options = parser.parse_args()

    model = checkpoints.load(options.checkpoint, tomllib.loads(options.recipe.read_text())["model"], options.texture)
    export(model, options.out, "lama-lite", storage="fp16")
    torch.manual_seed(0)
    for height, width in ((128, 128), (192, 264)):
        image, mask = torch.rand(2, 3, height, width), (torch.rand(2, 1, height // 8, width // 8) > 0.7).float()
        mask = torch.nn.functional.interpolate(mask, scale_factor=8)
        difference = largest_difference(model, options.out, image, mask)
        print(f"{height}x{width}: largest difference from PyTorch {255 * difference:.3f} of 255")
        if not difference <= BAR:
            raise SystemExit(f"{options.out} differs from the checkpoint by more than {255 * BAR:.0f} of 255")
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compares exported files with the authors' own code, on the same random weights. Exits 1 where a difference is above its bar."""
import argparse
import sys
import tempfile
from pathlib import Path

import torch
from torch import Tensor, nn

import checkpoint
from folding import fold_batch_norms
from generator import Config
from inpainter import Inpainter
from official import official_generator
from onnx_export import BARS, export, run, session
from random_weights import enliven, picture

SIZES = ((256, 256), (512, 512), (384, 640))
"""Height and width; the last one's spectrum has 48x80, no powers of two."""
ALIVE = (0.3, 30.0)
"""Standard deviations that a block's channels must have."""


@torch.no_grad()
def predict(generator: nn.Module, image: Tensor, mask: Tensor) -> Tensor:
    """The authors' predict.py, as a formula: what their training module's `inpainted` is of a mask above 0."""
    mask = (mask > 0).float()
    return (mask * generator(torch.cat((image * (1 - mask), mask), 1)) + (1 - mask) * image).clamp(0, 1)


def both_holes(height: int, width: int, seed: int) -> tuple[Tensor, Tensor]:
    """One image twice, with a mask and with its opposite: the two outputs show the generator's every pixel."""
    image, mask = picture(1, height, width, seed)
    return image.repeat(2, 1, 1, 1), torch.cat((mask, 1 - mask))


def activity(generator: nn.Module, image: Tensor, mask: Tensor) -> tuple[list[tuple[float, float]], Tensor]:
    """Standard deviation of (local, global) channels after each residual block of the authors' generator, and its output."""
    spreads: list[tuple[float, float]] = []
    hooks = [block.register_forward_hook(lambda m, i, o: spreads.append((o[0].std().item(), o[1].std().item())))
             for block in generator.model if type(block).__name__ == "FFCResnetBlock"]
    with torch.no_grad():
        output = generator(torch.cat((image * (1 - mask), mask), 1))
    for hook in hooks:
        hook.remove()
    return spreads, output


def compare(official: nn.Module, config: Config, sizes: tuple[tuple[int, int], ...], provider: str) -> bool:
    """Prints the tables; true where all is alive and within its bar."""
    spreads, output = activity(official, *picture(1, *sizes[0], seed=3))
    saturated = ((output < 0.01) | (output > 0.99)).float().mean().item()
    alive = all(ALIVE[0] <= s <= ALIVE[1] for pair in spreads for s in pair) and output.std() > 0.05 and saturated < 0.2
    print("Activations, standard deviation after each block (local global):", ", ".join(f"{a:.2f} {b:.2f}" for a, b in spreads))
    print(f"Output: mean {output.mean():.2f}, standard deviation {output.std():.2f}, {saturated:.1%} near 0 or 1; "
          + ("alive" if alive else "NOT ALIVE: the comparison shows nothing"))
    print(f"\n| size | precision | provider | largest difference | mean difference | bar |\n|---|---|---|---|---|---|")
    model = Inpainter(fold_batch_norms(checkpoint.build(config, official.state_dict())))
    good = alive
    with tempfile.TemporaryDirectory() as folder:
        sessions = {}
        for precision in BARS:
            file = Path(folder) / f"{precision}.onnx"
            export(model, file, "parity", compute=precision)
            sessions[precision] = session(file, provider)
        for height, width in sizes:
            image, mask = both_holes(height, width, seed=4)
            expected = predict(official, image, mask)
            for precision, bar in BARS.items():
                difference = (run(sessions[precision], image, mask) - expected).abs()
                within = difference.max().item() <= bar
                good &= within
                print(f"| {width}x{height} | {precision} | {provider} | {difference.max():.1e} | {difference.mean():.1e} | {bar:.1e}"
                      f"{'' if within else ' EXCEEDED'} |", flush=True)
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--official", type=Path, required=True, help="a checkout of https://github.com/advimman/lama")
    parser.add_argument("--provider", choices=("cpu", "cuda"), default="cpu", help="of the files; the authors' code runs on the CPU")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    official = enliven(official_generator(arguments.official), arguments.seed)
    return 0 if compare(official, Config(), SIZES, arguments.provider) else 1


if __name__ == "__main__":
    sys.exit(main())

"""The generator out of training's checkpoints."""
from pathlib import Path

import torch

from model import LamaLite


def load(path: Path, settings: dict, texture: float = 1.0) -> LamaLite:
    """The averaged weights of a checkpoint, ready to run.

    :param settings: a recipe's `[model]`
    :param texture: factor of the texture's amplitude: less of it is more PSNR
    """
    model = LamaLite(**settings)
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["average"])
    model.texture.noise.mul_(texture)
    return model.eval()

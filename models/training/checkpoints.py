"""The generator out of training's checkpoints."""
from pathlib import Path

import torch

from model import LamaLite


def load(path: Path, settings: dict, blend: Path | None = None, share: float = 1.0) -> LamaLite:
    """The averaged weights of a checkpoint, ready to run.

    :param settings: a recipe's `[model]`
    :param blend: another checkpoint of the same training; weights become `share` of the first and the rest of this one, which trades
        texture for PSNR smoothly (Wang et al., "ESRGAN", ECCV Workshops 2018, section 3.4)
    """
    weights = _average(path)
    if blend is not None:
        for name, value in _average(blend).items():
            weights[name] = torch.lerp(value, weights[name], share) if value.is_floating_point() else weights[name]
    model = LamaLite(**settings)
    model.load_state_dict(weights)
    return model.eval()


def _average(path: Path) -> dict[str, torch.Tensor]:
    return torch.load(path, map_location="cpu", weights_only=True)["average"]

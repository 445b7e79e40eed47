"""The authors' own generator, from a checkout of https://github.com/advimman/lama: the reference for parity and timing."""
import contextlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Iterator, Mapping

from torch import nn

# Imported on the way to the generator, which uses none of them.
_UNUSED = {"pytorch_lightning": ["seed_everything"], "kornia": [], "kornia.geometry": [], "kornia.geometry.transform": ["rotate"]}

BIG_LAMA: Mapping[str, Any] = {
    "input_nc": 4, "output_nc": 3, "ngf": 64, "n_downsampling": 3, "n_blocks": 18, "add_out_act": "sigmoid",
    "init_conv_kwargs": {"ratio_gin": 0, "ratio_gout": 0, "enable_lfu": False},
    "downsample_conv_kwargs": {"ratio_gin": 0, "ratio_gout": 0, "enable_lfu": False},
    "resnet_conv_kwargs": {"ratio_gin": 0.75, "ratio_gout": 0.75, "enable_lfu": False}}
"""The section `generator` of big-lama's config.yaml."""


def official_generator(checkout: Path, **changes: Any) -> nn.Module:
    """[N,4,H,W] -> [N,3,H,W], with untrained weights.

    :param changes: to `BIG_LAMA`
    """
    if not (checkout / "saicinpainting").is_dir():
        raise ValueError(f"{checkout}: expected a checkout of https://github.com/advimman/lama")
    with _importable(checkout):
        ffc = importlib.import_module("saicinpainting.training.modules.ffc")
    return ffc.FFCResNetGenerator(**{**BIG_LAMA, **changes})


@contextlib.contextmanager
def _importable(checkout: Path) -> Iterator[None]:
    stubs = {}
    for name, attributes in _UNUSED.items():
        if name.split(".")[0] in stubs or importlib.util.find_spec(name.split(".")[0]) is None:
            stubs[name] = ModuleType(name)
            stubs[name].__dict__.update(dict.fromkeys(attributes))
    sys.modules.update(stubs)
    sys.path.insert(0, str(checkout))
    try:
        yield
    finally:
        sys.path.remove(str(checkout))
        for name in stubs:
            del sys.modules[name]

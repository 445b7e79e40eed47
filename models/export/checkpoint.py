"""Weights of published LaMa models, read without running what comes with them."""
import pickle
import re
import types
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Any, Mapping

import torch
import yaml
from torch import Tensor

from fourier import interleaved_to_planar
from generator import Config, Generator


def from_checkpoint(path: Path, config: Path | None = None) -> Generator:
    """From the authors' checkpoint: the folder with `config.yaml` and `models/*.ckpt`, or the `.ckpt` in it."""
    if path.is_dir():
        found = sorted(path.glob("models/*.ckpt"))
        best = [f for f in found if f.name == "best.ckpt"] or found
        if len(best) != 1:
            raise ValueError(f"{path}: expected one checkpoint models/*.ckpt, found {len(best)}: name the file")
        path = best[0]
    if config is None:
        config = next((f for f in (path.parent.parent / "config.yaml", path.parent / "config.yaml") if f.is_file()), None)
        if config is None:
            raise ValueError(f"{path}: expected a config.yaml beside the folder models: name it with --config")
    state = _read(path)
    return build(_config(config), state.get("state_dict", state))


def from_torchscript(path: Path, config: Path | None = None) -> Generator:
    """From a TorchScript file such as IOPaint's `big-lama.pt`: its parameters alone, by their names. Without a config it is big-lama's."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)  # TorchScript is deprecated; these files are not going away.
        module = torch.jit.load(str(path), map_location="cpu")
    return build(_config(config) if config else Config(), module.state_dict())


def build(config: Config, state: Mapping[str, Tensor]) -> Generator:
    """A generator with the authors' weights. Of the names, all up to `generator.` is dropped, with what does not belong to a generator."""
    named = {match[1]: value for key, value in state.items() if (match := re.fullmatch(r"(?:.*\.)?generator\.(.+)", key))} or state
    generator = Generator(config)
    wanted = generator.state_dict()
    # TorchScript leaves out the counters, which only training needs.
    given = {k: wanted[k] for k in wanted if k.endswith("num_batches_tracked")}
    for key, value in named.items():
        unit = re.fullmatch(r".*\.fu\.(.+)", key)
        given[key] = interleaved_to_planar(unit[1], value) if unit else value
    wrong = [f"{k} is missing" for k in wanted if k not in given] + [f"{k} is not known" for k in given if k not in wanted] + [
        f"{k} is {list(given[k].shape)}, expected {list(wanted[k].shape)}" for k in wanted if k in given and given[k].shape != wanted[k].shape]
    if wrong:
        raise ValueError(f"these are no weights of the generator of {config}: {'; '.join(wrong[:5])}" + ("; ..." if len(wrong) > 5 else ""))
    generator.load_state_dict(given)
    return generator.eval()


def _config(path: Path) -> Config:
    try:
        return Config.of(yaml.safe_load(path.read_text()))
    except (yaml.YAMLError, ValueError) as e:
        raise ValueError(f"{path}: {e}") from e


def _read(path: Path) -> Mapping[str, Any]:
    """A pickled checkpoint. Only tensors and containers are made; all else that the trainer left in it becomes an `_Inert`."""
    state = torch.load(path, map_location="cpu", weights_only=False, pickle_module=_RESTRICTED)
    if not isinstance(state, Mapping):
        raise ValueError(f"{path}: expected a checkpoint with a state_dict")
    return state


class _Inert(dict):
    """Stands for an object of any class: takes what a pickle gives to one, and does nothing."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "_Inert":
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__()

    def __setstate__(self, state: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> "_Inert":
        return self

    def append(self, item: Any) -> None:
        pass

    def extend(self, items: Any) -> None:
        pass

    def add(self, item: Any) -> None:
        pass


class _Unpickler(pickle.Unpickler):
    """`torch.load(weights_only=True)` gives up on the first class that it does not know; a Lightning checkpoint has many."""

    _ALLOWED = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch", "Size"): torch.Size,
        ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
        ("torch._utils", "_rebuild_parameter"): torch._utils._rebuild_parameter,
    }

    def find_class(self, module: str, name: str) -> Any:
        return self._ALLOWED.get((module, name), _Inert)


_RESTRICTED = types.SimpleNamespace(__name__="restricted", Unpickler=_Unpickler, load=lambda f, **options: _Unpickler(f, **options).load())

"""The generator of LaMa: a ResNet of fast Fourier convolutions.

Suvorov et al., "Resolution-robust Large Mask Inpainting with Fourier Convolutions", WACV 2022, section 2 and figure 2, on the layers of
Chi, Jiang, Mu, "Fast Fourier Convolution", NeurIPS 2020. Written anew; the parameters have the names of the authors' checkpoints, so
that these load strictly.

A layer's channels are split in a local part, seen through 3x3 convolutions, and a global one, seen whole through its spectrum:

    local  out = conv(local) + conv(global)
    global out = conv(local) + spectral(global)
"""
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fourier import Basis, FourierUnit, basis_for

Pair = tuple[Tensor, Optional[Tensor]]
"""Local [N,Cl,H,W] and global [N,Cg,H,W] channels of a layer; no global ones outside of the residual blocks."""


@dataclass(frozen=True)
class Config:
    """What may differ between generators; the defaults are big-lama's."""

    ngf: int = 64
    """Channels at full size; each halving of the size doubles them."""
    n_downsampling: int = 3
    n_blocks: int = 18
    max_features: int = 1024
    ratio: float = 0.75
    """Share of global channels in the residual blocks."""

    @staticmethod
    def of(config: Mapping[str, Any]) -> "Config":
        """From the config.yaml beside a checkpoint; refuses what this generator does not do."""
        if not isinstance(config, Mapping) or not isinstance(config.get("generator"), Mapping):
            raise ValueError("config: expected a section generator")
        values = dict(_flat(config["generator"], config))
        chosen = {key: values.pop(key) for key in ("ngf", "n_downsampling", "n_blocks", "max_features") if key in values}
        ratio = values.get("resnet_conv_kwargs.ratio_gin", 0)
        if not isinstance(ratio, float) or not 0 < ratio < 1:
            raise ValueError(f"config: generator.resnet_conv_kwargs.ratio_gin must be between 0 and 1, found {ratio}")
        required = {"kind": "ffc_resnet", "input_nc": 4, "output_nc": 3, "add_out_act": "sigmoid"}
        optional = {"padding_type": "reflect", "out_ffc": False, "spatial_transform_layers": None}
        for layers in ("init_conv_kwargs", "downsample_conv_kwargs", "resnet_conv_kwargs"):
            required[layers + ".enable_lfu"] = False
            share = ratio if layers == "resnet_conv_kwargs" else 0
            optional |= {f"{layers}.{key}": value for key, value in {"ratio_gin": share, "ratio_gout": share, "gated": False, "groups": 1,
                         "use_se": False, "spectral_pos_encoding": False, "spatial_scale_factor": None, "fft_norm": "ortho"}.items()}
        for key, value in required.items():
            if values.setdefault(key) != value:
                raise ValueError(f"config: generator.{key} must be {value}, found {values[key]}: no other generator is supported")
        for key, found in values.items():
            if key not in required and (key not in optional or found != optional[key]):
                raise ValueError(f"config: generator.{key}: {found} is not supported")
        return Config(**chosen, ratio=ratio)


def _flat(value: Any, root: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted name, value) of all leaves; a reference `${a.b}` is followed from the root."""
    followed = set()
    while isinstance(value, str) and value.startswith("${") and value.endswith("}"):
        if value in followed:
            raise ValueError(f"config: {value} refers to itself")
        followed.add(value)
        value = _at(root, value[2:-1])
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, root, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _at(root: Mapping[str, Any], path: str) -> Any:
    value: Any = root
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise ValueError(f"config: ${{{path}}} refers to nothing")
        value = value[part]
    return value


class SpectralTransform(nn.Module):
    """Global to global: 1x1 convolution to half the channels, Fourier unit with a skip around it, 1x1 convolution."""

    def __init__(self, channels: int):
        super().__init__()
        half = channels // 2
        self.conv1 = nn.Sequential(nn.Conv2d(channels, half, 1, bias=False), nn.BatchNorm2d(half), nn.ReLU(inplace=True))
        self.fu = FourierUnit(half)
        self.conv2 = nn.Conv2d(half, channels, 1, bias=False)

    def forward(self, x: Tensor, basis: Optional[Basis]) -> Tensor:
        x = self.conv1(x)
        return self.conv2(x + self.fu(x, basis))


class FFC(nn.Module):
    """The convolutions of one layer, (local, global) channels in and out; the padding is the caller's."""

    def __init__(self, channels_in: tuple[int, int], channels_out: tuple[int, int], kernel: int, stride: int):
        super().__init__()
        (li, gi), (lo, go) = channels_in, channels_out

        def conv(i: int, o: int) -> Optional[nn.Conv2d]:
            return nn.Conv2d(i, o, kernel, stride, bias=False) if i and o else None

        self.convl2l, self.convl2g, self.convg2l = conv(li, lo), conv(li, go), conv(gi, lo)
        self.convg2g = SpectralTransform(gi) if gi else None


class FFCLayer(nn.Module):
    """Reflecting padding, fast Fourier convolution, batch norm, ReLU."""

    def __init__(self, channels_in: tuple[int, int], channels_out: tuple[int, int], kernel: int, stride: int = 1):
        super().__init__()
        self.ffc = FFC(channels_in, channels_out, kernel, stride)
        self.bn_l = nn.BatchNorm2d(channels_out[0])
        self.bn_g = nn.BatchNorm2d(channels_out[1]) if channels_out[1] else None
        self.padding = kernel // 2

    def forward(self, x: Pair, basis: Optional[Basis]) -> Pair:
        local, global_ = x
        padded = self._pad(local)
        y_local = self.ffc.convl2l(padded)
        if self.ffc.convg2l is not None:
            y_local = y_local + self.ffc.convg2l(self._pad(global_))
        y_local = F.relu(self.bn_l(y_local))
        if self.bn_g is None:
            return y_local, None
        y_global = self.ffc.convl2g(padded)
        if self.ffc.convg2g is not None:
            y_global = y_global + self.ffc.convg2g(global_, basis)
        return y_local, F.relu(self.bn_g(y_global))

    def _pad(self, x: Tensor) -> Tensor:
        return F.pad(x, (self.padding,) * 4, mode="reflect")


class FFCBlock(nn.Module):
    """Two layers with a skip around them."""

    def __init__(self, channels: tuple[int, int]):
        super().__init__()
        self.conv1 = FFCLayer(channels, channels, 3)
        self.conv2 = FFCLayer(channels, channels, 3)

    def forward(self, x: Pair, basis: Optional[Basis]) -> Pair:
        y_local, y_global = self.conv2(self.conv1(x, basis), basis)
        return x[0] + y_local, x[1] + y_global


class Generator(nn.Module):
    """Masked image and mask [N,4,H,W] -> image [N,3,H,W], 0..1. H and W are multiples of 8, and 16 or more: a padding reflects no less."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        width = [min(config.max_features, config.ngf * 2 ** i) for i in range(config.n_downsampling + 1)]
        n_global = int(width[-1] * config.ratio)
        split = (width[-1] - n_global, n_global)
        outs = [(c, 0) for c in width[1:-1]] + [split]
        downs = [FFCLayer((i, 0), o, 3, stride=2) for i, o in zip(width, outs)]
        blocks = [FFCBlock(split) for _ in range(config.n_blocks)]
        ups = []
        for i, o in zip(width[:0:-1], width[-2::-1]):
            ups += [nn.ConvTranspose2d(i, o, 3, 2, 1, output_padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
        # Modules without parameters keep the numbers of those that follow.
        self.model = nn.Sequential(
            nn.Identity(), FFCLayer((4, 0), (width[0], 0), 7), *downs, *blocks, nn.Identity(), *ups, nn.ReflectionPad2d(3),
            nn.Conv2d(width[0], 3, 7))
        first = 2 + len(downs)
        self._encoder, self._blocks, self._decoder = (
            range(1, first), range(first, first + len(blocks)), range(first + len(blocks) + 1, len(self.model)))
        for i in self._encoder:
            # In half precision an error made here goes through all blocks: this halves the whole model's, for a tenth of the work.
            self.model[i].precise = True

    def forward(self, x: Tensor) -> Tensor:
        pair: Pair = (x, None)
        for i in self._encoder:
            pair = self.model[i](pair, None)
        basis = basis_for(pair[0])
        dtype = self.model[-1].weight.dtype
        pair = pair[0].to(dtype), pair[1].to(dtype)
        for i in self._blocks:
            pair = self.model[i](pair, basis)
        y = torch.cat(pair, 1)
        for i in self._decoder:
            y = self.model[i](y)
        return torch.sigmoid(y.float())

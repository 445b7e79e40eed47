"""The Fourier unit of a fast Fourier convolution, in operators that every ONNX execution provider has.

Chi, Jiang, Mu, "Fast Fourier Convolution", NeurIPS 2020, section 3.3; used by LaMa (Suvorov et al., "Resolution-robust Large Mask
Inpainting with Fourier Convolutions", WACV 2022, section 2.1). A real transform of each channel, one 1x1 convolution over the stacked
real and imaginary parts, and the transform back.

ONNX Runtime has no CUDA kernel for the operator `DFT`, and the complex tensors of `torch.fft` do not export. So an exported model holds
the transform as products with cosine and sine matrices. They depend on the size alone: `dft_basis` makes them inside the graph, once a
run, and all units of a model share them.
"""
import math
from typing import NamedTuple, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Basis(NamedTuple):
    """Matrices of the orthonormal real transform of planes [H, W]. K = W // 2 + 1 frequencies along the width are kept, H along the height."""

    height: int
    frequencies: int
    """K."""
    rows: Tensor
    """[2K, W] along the width, forward; real and imaginary part of one frequency are neighbours."""
    columns: Tensor
    """[2, 2H, H] along the height, forward; 2H is (real, imaginary) in, the first 2 the same out."""
    inverse_columns: Tensor
    """[2, H, 2H] along the height, inverse; 2H is (real, imaginary) out, the first 2 the same in."""
    inverse_rows: Tensor
    """[2K, W] along the width, inverse; frequencies whose mirror image is not kept count twice."""


def dft_basis(height: int, width: int) -> Basis:
    """The matrices for planes of [height, width]. Both may be traced sizes: then the graph makes the matrices, for any size."""
    frequencies = width // 2 + 1
    cos_h, sin_h = _waves(height, height)
    cos_w, sin_w = _waves(frequencies, width)
    scale = torch.rsqrt(torch.as_tensor(height * width).float())
    k = torch.arange(frequencies)
    twice = torch.where((k == 0) | (2 * k == width), 1.0, 2.0).reshape(-1, 1, 1)
    rows = torch.stack((cos_w, -sin_w), 1) * scale
    return Basis(
        height, frequencies,
        rows=rows.reshape(-1, width),
        columns=torch.stack((torch.cat((cos_h, sin_h), 0), torch.cat((-sin_h, cos_h), 0))),
        inverse_columns=torch.stack((torch.cat((cos_h, sin_h), 1), torch.cat((-sin_h, cos_h), 1))),
        inverse_rows=(rows * twice).reshape(-1, width))


def basis_for(x: Tensor) -> Optional[Basis]:
    """What a model hands to its Fourier units, given one of the tensors [N,C,H,W] they see: None (they use `torch.fft`, which is faster
    and can be trained) but while the model is exported to ONNX."""
    return dft_basis(x.shape[2], x.shape[3]) if torch.onnx.is_in_onnx_export() else None


def _waves(frequencies: int, n: int) -> tuple[Tensor, Tensor]:
    """cos and sin(2 pi j k / n), [frequencies, n]. j k is reduced modulo n in integers: the angle stays exact in float32."""
    steps = torch.remainder(torch.arange(frequencies).unsqueeze(1) * torch.arange(n).unsqueeze(0), n)
    angle = steps.float() * (2 * math.pi / n)
    return torch.cos(angle), torch.sin(angle)


class FourierUnit(nn.Module):
    """[N,C,H,W] -> [N,C,H,W] by way of the spectrum [N,2C,...]: first the real parts of all channels, then the imaginary ones.

    The authors' code interleaves them (real, imaginary of channel 0, of channel 1, ...); `interleaved_to_planar` reorders their weights.
    Computes in float32 whatever the model around it does: in fp16 the sums over a plane, which grow with its side, lose or overflow.
    """

    precise = True
    """Stays in float32 when a model is exported in half precision; any module may say so."""

    def __init__(self, channels: int):
        super().__init__()
        self.channels = channels
        self.conv_layer = nn.Conv2d(2 * channels, 2 * channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(2 * channels)

    def forward(self, x: Tensor, basis: Optional[Basis] = None) -> Tensor:
        """With a basis by matrix products, else by `torch.fft`; the same but for rounding."""
        y = self._by_fft(x.float()) if basis is None else self._by_matrices(x.float(), basis)
        return y.to(x.dtype)

    def _mix(self, spectrum: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv_layer(spectrum))).float()

    def _by_fft(self, x: Tensor) -> Tensor:
        f = torch.fft.rfft2(x, norm="ortho")
        real, imaginary = self._mix(torch.cat((f.real, f.imag), 1)).chunk(2, 1)
        return torch.fft.irfft2(torch.complex(real, imaginary), s=x.shape[2:], norm="ortho")

    def _by_matrices(self, x: Tensor, basis: Basis) -> Tensor:
        """The spectrum is kept transposed, [K, H]: so every product has the even H as its inner size, not K, and those along the height
        are one large product each. No real or imaginary part is moved but by the two slices after the convolution."""
        c, k, h = self.channels, basis.frequencies, basis.height
        f = basis.rows @ x.transpose(2, 3)                                      # [N, C, (K, 2), H]
        f = f.reshape(-1, 1, c * k, 2 * h) @ basis.columns                      # [N, 2, (C, K), H]
        f = self._mix(f.reshape(-1, 2 * c, k, h)).reshape(-1, 2, c * k, h)
        f = f[:, 0] @ basis.inverse_columns[0] + f[:, 1] @ basis.inverse_columns[1]  # [N, (C, K), 2H]
        return f.reshape(-1, c, 2 * k, h).transpose(2, 3) @ basis.inverse_rows  # [N, C, H, W]


def interleaved_to_planar(name: str, value: Tensor) -> Tensor:
    """A weight of the authors' Fourier unit, in this one's order of channels. `name` is its last two parts, such as `bn.bias`."""
    if name == "conv_layer.weight":
        return _planar(_planar(value).transpose(0, 1)).transpose(0, 1).contiguous()
    return _planar(value) if name.startswith("bn.") and value.dim() == 1 else value


def _planar(value: Tensor) -> Tensor:
    return torch.cat((value[0::2], value[1::2]))

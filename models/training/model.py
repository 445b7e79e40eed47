"""lama-lite: the generator of LaMa (Suvorov et al., "Resolution-robust Large Mask Inpainting with Fourier Convolutions", WACV 2022), narrow
enough for a laptop, with two changes.

1. The hole comes in filled smoothly, by a push-pull pyramid inside the graph, and the network adds a residual to that fill. So no colour
   and no known pixel needs to travel through the 8-fold bottleneck.
2. Deep in a hole all that a small network sees is smooth, and of smooth features it makes smooth fills. So texture is laid over the fill:
   noise in oriented octave bands, as strong as the features and the surroundings' differences say. The noise is a constant of the model:
   the same picture gives the same fill.
"""
import math
import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

sys.path.append(str(Path(__file__).resolve().parent.parent / "export"))
from fourier import Basis, FourierUnit, basis_for  # noqa: E402

LEVELS = 7
"""Of the pyramid; at 512 pixels its top is 4 pixels wide."""
SWEEPS = 3
"""Smoothing sweeps a level."""
NOISE_SIDE = 256
"""Pixels after which the noise repeats, without a seam."""
OCTAVES, ORIENTATIONS = 3, 4
"""Bands of the noise: each octave from the finest down, in each orientation."""
DENSITIES = (8, 32)
"""Sides, in pixels, of the squares in which the hole's share tells how deep in it a pixel is."""
LUMA = (0.299, 0.587, 0.114)


class SpectralTransform(nn.Module):
    """[N,C,H,W] -> the same; the branch of a fast Fourier convolution that sees the whole picture."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(channels, channels // 2, 1, bias=False), nn.BatchNorm2d(channels // 2), nn.ReLU())
        self.fu = FourierUnit(channels // 2)
        self.conv2 = nn.Conv2d(channels // 2, channels, 1, bias=False)

    def forward(self, x: Tensor, basis: Basis | None) -> Tensor:
        x = self.conv1(x)
        return self.conv2(x + self.fu(x, basis))


class FastFourierConvolution(nn.Module):
    """(near [N,L,H,W], far [N,G,H,W]) -> the same shapes: Chi et al., NeurIPS 2020."""

    def __init__(self, near: int, far: int):
        super().__init__()
        self.l2l, self.l2g, self.g2l, self.g2g = _conv(near, near), _conv(near, far), _conv(far, near), SpectralTransform(far)
        self.bn_l, self.bn_g = nn.BatchNorm2d(near), nn.BatchNorm2d(far)

    def forward(self, near: Tensor, far: Tensor, basis: Basis | None) -> tuple[Tensor, Tensor]:
        return F.relu(self.bn_l(self.l2l(near) + self.g2l(far))), F.relu(self.bn_g(self.l2g(near) + self.g2g(far, basis)))


class Block(nn.Module):
    """Two convolutions, added to what came in."""

    def __init__(self, near: int, far: int):
        super().__init__()
        self.c1, self.c2 = FastFourierConvolution(near, far), FastFourierConvolution(near, far)

    def forward(self, near: Tensor, far: Tensor, basis: Basis | None) -> tuple[Tensor, Tensor]:
        a, b = self.c2(*self.c1(near, far, basis), basis)
        return near + a, far + b


class Texture(nn.Module):
    """What is laid over the fill, the same on red, green and blue: [N,1,H,W], about 0."""

    def __init__(self, channels: int, hidden: int = 16):
        super().__init__()
        self.amplitude = nn.Sequential(_conv(channels + ORIENTATIONS + len(DENSITIES), hidden, bias=True), nn.ReLU(),
                                       nn.Conv2d(hidden, OCTAVES * ORIENTATIONS, 1), nn.Softplus())
        nn.init.constant_(self.amplitude[2].bias, -6)
        self.register_buffer("noise", oriented_noise())
        # Forward differences of luma along x, y and the diagonals.
        steps = torch.tensor([(1, 2), (2, 1), (2, 2), (2, 0)])
        kernel = torch.zeros(ORIENTATIONS, 1, 3, 3)
        kernel[:, 0, 1, 1] = -1
        kernel[torch.arange(ORIENTATIONS), 0, steps[:, 0], steps[:, 1]] = 1
        self.register_buffer("differences", kernel * torch.tensor(LUMA).view(1, 3, 1, 1), persistent=False)
        # Sums over channels are convolutions: ONNX Runtime's ReduceSum adds in another order for one picture than for a batch.
        self.register_buffer("sum", torch.ones(1, OCTAVES * ORIENTATIONS, 1, 1), persistent=False)

    def forward(self, features: Tensor, image: Tensor, mask: Tensor) -> Tensor:
        """features [N,C,H,W] of the fill; image and mask as LamaLite has them."""
        detail = F.conv2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), self.differences).abs()
        # A difference is known where both of its pixels are.
        detail = push_pull(detail, F.max_pool2d(mask, 3, 1, 1))
        # Thin holes are filled well, deep ones are smooth.
        depth = [F.interpolate(F.avg_pool2d(mask, side, ceil_mode=True, count_include_pad=False), size=mask.shape[2:], mode="bilinear")
                 for side in DENSITIES]
        amplitude = self.amplitude(torch.cat((features, 10 * detail, *depth), 1))
        # Another part of the noise at each step of training, so that no pattern of its own is learned.
        top, left = torch.randint(NOISE_SIDE, (2,)).tolist() if self.training else (0, 0)
        rows, columns = ((torch.arange(n, device=mask.device) + first) % NOISE_SIDE for n, first in ((mask.shape[2], top), (mask.shape[3], left)))
        return F.conv2d(amplitude * self.noise[:, :, rows][:, :, :, columns], self.sum)


def oriented_noise() -> Tensor:
    """[1, OCTAVES * ORIENTATIONS, NOISE_SIDE, NOISE_SIDE]: white noise through the bands of a steerable pyramid (Simoncelli and Freeman, ICIP
    1995), each of unit variance and periodic; from a seed of its own."""
    fy = torch.fft.fftfreq(NOISE_SIDE).view(-1, 1)
    fx = torch.fft.rfftfreq(NOISE_SIDE).view(1, -1)
    octave = torch.log2(torch.hypot(fy, fx).clamp(min=1e-6))
    angle = torch.atan2(fy, fx)
    generator = torch.Generator().manual_seed(1)
    planes = []
    for o in range(OCTAVES):
        # Centres at 0.35, 0.18, 0.09 cycles a pixel; the finest band has all above its centre.
        distance = octave - (-1.5 - o)
        radial = torch.cos(distance.clamp(-1, 0 if o == 0 else 1) * math.pi / 2)
        for k in range(ORIENTATIONS):
            lobe = torch.cos(angle - k * math.pi / ORIENTATIONS).abs() ** (ORIENTATIONS - 1)
            white = torch.randn(NOISE_SIDE, NOISE_SIDE, generator=generator)
            plane = torch.fft.irfft2(torch.fft.rfft2(white) * radial * lobe, s=white.shape)
            planes.append(plane / plane.std())
    return torch.stack(planes)[None]


class LamaLite(nn.Module):
    """image [N,3,H,W] RGB 0..1, of which the hole does not matter, and mask [N,1,H,W], 1 = hole; H and W multiples of 8 -> [N,3,H,W] RGB
    0..1 (not clamped in training), of which only the hole is of use. The arguments are a recipe's `[model]`."""

    def __init__(self, width: int, blocks: int, global_ratio: float):
        super().__init__()
        far = int(8 * width * global_ratio)
        self.near = 8 * width - far
        steps = ((width, 2 * width), (2 * width, 4 * width), (4 * width, 8 * width))
        self.stem = nn.Sequential(_conv(4, width, side=7), nn.BatchNorm2d(width), nn.ReLU())
        self.down = nn.ModuleList(nn.Sequential(_conv(i, o, stride=2), nn.BatchNorm2d(o), nn.ReLU()) for i, o in steps)
        self.blocks = nn.ModuleList(Block(self.near, far) for _ in range(blocks))
        self.up = nn.ModuleList(nn.Sequential(nn.ConvTranspose2d(o, i, 3, 2, 1, 1, bias=False), nn.BatchNorm2d(i), nn.ReLU())
                                for i, o in reversed(steps))
        self.tail = _conv(width, 3, side=7, bias=True)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)
        self.texture = Texture(width)

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        fill = push_pull(image, mask)
        x = self.stem(torch.cat((fill, mask), 1))
        for down in self.down:
            x = down(x)
        near, far = x[:, :self.near], x[:, self.near:]
        basis = basis_for(far)
        for block in self.blocks:
            near, far = block(near, far, basis)
        x = torch.cat((near, far), 1)
        for up in self.up:
            x = up(x)
        x = fill + self.tail(x) + self.texture(x, image, mask)
        return x if self.training else x.clamp(0, 1)


def push_pull(image: Tensor, mask: Tensor) -> Tensor:
    """Fills the hole smoothly, after Gortler et al., "The Lumigraph", SIGGRAPH 1996, section 3.4.2: averages of what is known down the
    levels, bilinear interpolation up, and a few sweeps of smoothing at each. [N,C,H,W], any C; mask 1 = hole."""
    channels, known = int(image.shape[1]), 1 - mask
    colour, levels = image * known, []
    for _ in range(LEVELS):
        levels.append((colour, known))
        total = F.avg_pool2d(colour, 2, ceil_mode=True, count_include_pad=False)
        weight = F.avg_pool2d(known, 2, ceil_mode=True, count_include_pad=False)
        known = (weight > 0).to(weight.dtype)
        colour = total / weight.clamp(min=1e-6) * known
    x = colour + (1 - known) * (colour.sum((2, 3), keepdim=True) / known.sum((2, 3), keepdim=True).clamp(min=1e-6))
    ring = torch.tensor([[1., 2., 1.], [2., 0., 2.], [1., 2., 1.]], device=image.device).div(12).view(1, 1, 3, 3).expand(channels, 1, 3, 3)
    for colour, known in reversed(levels):
        x = F.interpolate(x, size=colour.shape[-2:], mode="bilinear", align_corners=False)
        x = colour * known + x * (1 - known)
        for _ in range(SWEEPS):
            x = x + (F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), ring, groups=channels) - x) * (1 - known)
    return x


def _conv(inputs: int, outputs: int, side: int = 3, stride: int = 1, bias: bool = False) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, side, stride, side // 2, padding_mode="reflect", bias=bias)

"""What a fill is judged by while training. `picture` is the crop with its fill, `truth` the crop, [N,3,H,W] RGB 0..1; `hole` is [N,1,H,W], 1 = hole."""
import torch
from torch import Tensor
from torch.nn import functional as F

from model import LUMA

WINDOWS = (8, 16)
"""Sides of the local spectra's windows, in pixels."""
QUIET = 1e-5
"""Added to a coefficient's power before the root, which is steep at 0."""


def l1(picture: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Mean absolute error of the hole's samples."""
    return (picture - truth).abs().sum() / (3 * hole.sum())


def differences(picture: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Absolute error of the forward differences in x and y, for each sample of the hole."""
    error = picture - truth
    return ((error[..., 1:, :] - error[..., :-1, :]).abs().sum() + (error[..., :, 1:] - error[..., :, :-1]).abs().sum()) / (3 * hole.sum())


def spectrum(picture: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Absolute error of the whole crop's orthonormal spectrum (Jiang et al., "Focal Frequency Loss", ICCV 2021, without the focus), as if
    the hole were everything."""
    error = torch.view_as_real(torch.fft.rfft2(picture - truth, norm="ortho"))
    return error.abs().mean() * hole.numel() / hole.sum()


def local_spectra(picture: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Squared error of the fourth root of power, whatever the phase, in Hann windows that overlap by half; a window counts as the square of
    its hole's share. Squares, since the median of what textures could be there is too calm; the root, since few strong edges would
    outweigh all texture."""
    return sum(_local_spectra(picture, truth, hole, side) for side in WINDOWS)


def _local_spectra(picture: Tensor, truth: Tensor, hole: Tensor, side: int) -> Tensor:
    weight = F.unfold(hole, side, stride=side // 2).mean(1).square()
    error = (_root_power(picture, side) - _root_power(truth, side)).square().mean((2, 3))
    return (error * weight).sum() / weight.sum()


def _root_power(x: Tensor, side: int) -> Tensor:
    """[N, windows, side, side // 2 + 1], of luma."""
    luma = (x * x.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
    windows = F.unfold(luma, side, stride=side // 2).transpose(1, 2).unflatten(2, (side, side))
    hann = torch.hann_window(side, device=x.device)
    f = torch.fft.rfft2((windows - windows.mean((2, 3), keepdim=True)) * hann[:, None] * hann, norm="ortho")
    return (torch.view_as_real(f).square().sum(-1) + QUIET).pow(0.25)


def fools(score: Tensor, features: list[Tensor], truth_features: list[Tensor], where: Tensor, hole: Tensor) -> Tensor:
    """What a generator minimises: the hinge loss of its patches, and feature matching (Wang et al., "pix2pixHD", CVPR 2018) by the
    discriminator's layers. `where` is the hole at the score's size."""
    matching = sum((f - t).abs().mean() for f, t in zip(features, truth_features)) / len(features)
    return -(score * where).sum() / where.sum() + matching * hole.numel() / hole.sum()


def tells_apart(truth_score: Tensor, score: Tensor, where: Tensor) -> Tensor:
    """What a discriminator minimises: the hinge loss, over the patches that touch the hole."""
    return ((F.relu(1 - truth_score) + F.relu(1 + score)) * where).sum() / where.sum()

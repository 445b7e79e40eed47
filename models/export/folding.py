"""Batch norms folded into the convolutions before them: exact but for rounding, and the graph is left with convolutions alone."""
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from fourier import FourierUnit
from generator import FFCLayer, Generator, SpectralTransform


def fold_batch_norms(generator: Generator) -> Generator:
    """Folds them all, in place; for inference only."""
    for module in list(generator.modules()):
        if isinstance(module, FFCLayer):
            ffc = module.ffc
            module.bn_l = _fold(module.bn_l, ffc.convl2l, ffc.convg2l)
            if module.bn_g is not None:
                module.bn_g = _fold(module.bn_g, ffc.convl2g, ffc.convg2g and ffc.convg2g.conv2)
        elif isinstance(module, SpectralTransform):
            module.conv1[1] = _fold(module.conv1[1], module.conv1[0])
        elif isinstance(module, FourierUnit):
            module.bn = _fold(module.bn, module.conv_layer)
    model = generator.model
    for i, module in enumerate(model):
        if isinstance(module, nn.ConvTranspose2d):
            model[i + 1] = _fold(model[i + 1], module)
    return generator


@torch.no_grad()
def _fold(bn: nn.BatchNorm2d, conv: nn.Module, added: nn.Module | None = None) -> nn.Identity:
    """`bn(conv(x) + added(y))`: both are scaled, the shift goes to the first. In float64."""
    scale = (bn.running_var.double() + bn.eps).rsqrt()
    statistics = bn.running_mean.double(), bn.running_var.double(), bn.eps, bn.weight.double(), bn.bias.double()
    transposed = isinstance(conv, nn.ConvTranspose2d)
    bias = None if conv.bias is None else conv.bias.double()
    weight, bias = fuse_conv_bn_weights(conv.weight.double(), bias, *statistics, transpose=transposed)
    conv.weight, conv.bias = nn.Parameter(weight.float()), nn.Parameter(bias.float())
    if added is not None:
        scale = (bn.weight.double() * scale).reshape(-1, 1, 1, 1)
        added.weight = nn.Parameter((added.weight.double() * scale).float())
    return nn.Identity()

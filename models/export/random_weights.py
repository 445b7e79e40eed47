"""Random weights that keep a deep generator alive, and pictures to feed it."""
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CALIBRATION = (1, 256, 256)


def enliven(generator: nn.Module, seed: int = 0) -> nn.Module:
    """Draws all parameters anew, in place, so that activations neither die out nor blow up through the blocks.

    He's initialisation for the convolutions, gains 0.5..1.5 and small shifts for the batch norms; their statistics are what one picture
    gives, layer after layer. The last convolution is scaled to a standard deviation of 1 before the sigmoid, which so is not saturated.

    :param generator: this one or the authors': convolutions and batch norms, [N,4,H,W] -> 0..1
    """
    random = torch.Generator().manual_seed(seed)
    last = None
    with torch.no_grad():
        for module in generator.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                fan_in = module.in_channels * math.prod(module.kernel_size) / math.prod(module.stride)
                if isinstance(module, nn.Conv2d):
                    fan_in *= math.prod(module.stride)
                    last = module
                module.weight.normal_(0, math.sqrt(2 / fan_in), generator=random)
                if module.bias is not None:
                    module.bias.normal_(0, 0.1, generator=random)
            elif isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5, generator=random)
                module.bias.normal_(0, 0.1, generator=random)
                module.momentum = 1.0
        spread = []
        hook = last.register_forward_hook(lambda module, inputs, output: spread.append(output.std()))
        image, mask = picture(*CALIBRATION, seed=seed)
        generator.train()(torch.cat((image * (1 - mask), mask), 1))
        hook.remove()
        last.weight /= spread[0]
    return generator.eval()


def picture(n: int, height: int, width: int, seed: int) -> tuple[Tensor, Tensor]:
    """An image [N,3,H,W] 0..1 with a spectrum that falls like a photograph's, and a mask [N,1,H,W] of 0 and 1: a box and a bar."""
    random = torch.Generator().manual_seed(seed)
    image = torch.zeros(n, 3, height, width)
    for octave in range(2, 9):
        size = (min(height, 2 ** octave), min(width, 2 ** octave))
        image += F.interpolate(torch.randn(n, 3, *size, generator=random), (height, width), mode="bilinear") / 2 ** (octave - 2)
    mask = torch.zeros(n, 1, height, width)
    mask[:, :, height // 4:height // 2, width // 3:2 * width // 3] = 1
    mask[:, :, :, width // 8:width // 8 + max(1, width // 32)] = 1
    return torch.sigmoid(1.5 * image), mask

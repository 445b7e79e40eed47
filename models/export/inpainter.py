"""What the authors' predict.py does around the generator."""
import torch
from torch import Tensor, nn

from generator import Generator


class Inpainter(nn.Module):
    """image [N,3,H,W] RGB 0..1, mask [N,1,H,W], above 0 = hole -> image [N,3,H,W], with the generator's pixels in the hole alone."""

    def __init__(self, generator: Generator):
        super().__init__()
        self.generator = generator

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        hole = (mask > 0).to(image.dtype)
        seen = torch.cat((image * (1 - hole), hole), 1)
        return (hole * self.generator(seen) + (1 - hole) * image).clamp(0, 1)

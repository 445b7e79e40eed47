"""The judge of texture, used in training alone."""
from torch import Tensor, nn
from torch.nn import functional as F

STRIDE = 8
"""Of the scores, in pixels."""


class Discriminator(nn.Module):
    """PatchGAN (Isola et al., CVPR 2017) without normalisation: [N,3,H,W] RGB 0..1 -> one score for each patch, [N,1,H/8,W/8], and the
    features of each layer. Height and width are multiples of 8."""

    def __init__(self, width: int = 40):
        super().__init__()
        halve = lambda i, o: nn.Conv2d(i, o, 4, 2, 1)
        keep = lambda i, o: nn.Conv2d(i, o, 3, 1, 1)
        self.layers = nn.ModuleList([halve(3, width), halve(width, 2 * width), halve(2 * width, 4 * width), keep(4 * width, 4 * width)])
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, 0.2)
        self.score = keep(4 * width, 1)

    def forward(self, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        x, features = 2 * picture - 1, []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.score(x), features

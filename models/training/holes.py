"""Holes to train on and to measure with, of the kinds that a lake's images have."""
import math
from typing import Optional

import cv2
import numpy as np
from numpy.random import Generator

WORDS = ("SAMPLE", "PREVIEW", "Copyright", "www.example.org", "Photo", "2024-07-15", "15 7 24", "ABC", "Draft", "all rights reserved")
LEAST, MOST = 0.004, 0.5
"""What share of the picture a hole takes."""


def hole(height: int, width: int, rng: Generator, kind: Optional[str] = None) -> np.ndarray:
    """[height,width] bool, True = hole; of the given kind, or of any, by their shares."""
    while True:
        mask = np.zeros((height, width), np.uint8)
        name = kind or str(rng.choice(list(KINDS), p=[share for share, _ in KINDS.values()]))
        KINDS[name][1](mask, rng)
        if LEAST <= (mask > 127).mean() <= MOST:
            return mask > 127


def strokes(mask: np.ndarray, rng: Generator) -> None:
    """Thick brush strokes."""
    side = min(mask.shape)
    for _ in range(rng.integers(1, 4)):
        _walk(mask, rng, int(rng.integers(max(3, side // 24), side // 6)), rng.integers(2, 6), 1.0, (side // 12, side // 3))


def scratch(mask: np.ndarray, rng: Generator) -> None:
    """Thin lines, nearly straight."""
    side = min(mask.shape)
    for _ in range(rng.integers(2, 12)):
        _walk(mask, rng, int(rng.integers(1, 5)), rng.integers(1, 8), 0.3, (side // 24, side // 4))


def box(mask: np.ndarray, rng: Generator) -> None:
    """Rectangles and ellipses."""
    h, w = mask.shape
    for _ in range(rng.integers(1, 3)):
        bw, bh = int(rng.integers(w // 8, w // 2)), int(rng.integers(h // 8, h // 2))
        x, y = int(rng.integers(w - bw)), int(rng.integers(h - bh))
        if rng.random() < 0.7:
            cv2.rectangle(mask, (x, y), (x + bw, y + bh), 255, -1)
        else:
            cv2.ellipse(mask, (x + bw // 2, y + bh // 2), (bw // 2, bh // 2), rng.uniform(0, 180), 0, 360, 255, -1)


def corner(mask: np.ndarray, rng: Generator) -> None:
    """A rectangle in or near a corner, as logos and date stamps leave."""
    h, w = mask.shape
    bw, bh = int(rng.integers(w // 6, w // 2)), int(rng.integers(h // 10, h // 3))
    margin = int(rng.integers(0, w // 12))
    x = margin if rng.random() < 0.5 else w - bw - margin
    y = margin if rng.random() < 0.5 else h - bh - margin
    cv2.rectangle(mask, (x, y), (x + bw - 1, y + bh - 1), 255, -1)


def text(mask: np.ndarray, rng: Generator) -> None:
    """A few words, grown."""
    h, w = mask.shape
    for _ in range(rng.integers(1, 5)):
        at = (int(rng.integers(-w // 4, w * 3 // 4)), int(rng.integers(8, h)))
        font, scale, thickness = int(rng.integers(0, 8)), rng.uniform(0.4, 1.8), int(rng.integers(1, 5))
        cv2.putText(mask, str(rng.choice(WORDS)), at, font, scale, 255, thickness, cv2.LINE_AA)
    grow = int(rng.integers(1, 5))
    cv2.dilate(mask, np.ones((grow, grow)), mask)


KINDS = {"strokes": (0.30, strokes), "box": (0.28, box), "scratch": (0.17, scratch), "text": (0.15, text), "corner": (0.10, corner)}
"""Each kind's share in training, and what draws it."""


def _walk(mask: np.ndarray, rng: Generator, thickness: int, turns: int, bend: float, reach: tuple[int, int]) -> None:
    """One line of several pieces; `bend` is the standard deviation of its turns, in radians."""
    h, w = mask.shape
    p, angle = np.array([rng.integers(w), rng.integers(h)], float), rng.uniform(0, 2 * math.pi)
    for _ in range(turns):
        angle += bend * rng.standard_normal()
        q = p + np.array([math.cos(angle), math.sin(angle)]) * rng.uniform(*reach)
        cv2.line(mask, _pixel(p), _pixel(q), 255, thickness)
        cv2.circle(mask, _pixel(q), thickness // 2, 255, -1)
        p = q


def _pixel(p: np.ndarray) -> tuple[int, int]:
    return int(p[0]), int(p[1])

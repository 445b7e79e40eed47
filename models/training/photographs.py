"""Photographs in memory, and crops of them as a lake has them: of any scale, some grey, some grainy, some JPEG."""
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from holes import hole

SHORTER_SIDE = 1000
"""Most pixels of a photograph's shorter side: what is larger is shrunk at loading."""
LEAST_SIDE = 256
"""Pixels of the shorter side below which a photograph is left out."""
FARTHEST = 3.2
"""A crop is taken from a square of the photograph this many times its size, at most."""
GRAIN = (2, 10)
"""Standard deviation of added grain, of 255, before it is blurred."""


def load(folder: Path) -> list[np.ndarray]:
    """The JPEG and PNG files of a folder and of all below it, each [height,width,3] uint8 RGB."""
    photos = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png")):
        photo = cv2.imread(str(path))
        if photo is None:
            raise SystemExit(f"{path} cannot be decoded; remove it, or fetch it again")
        side = min(photo.shape[:2])
        if side > SHORTER_SIDE:
            photo = cv2.resize(photo, None, fx=SHORTER_SIDE / side, fy=SHORTER_SIDE / side, interpolation=cv2.INTER_AREA)
        if side >= LEAST_SIDE:
            photos.append(photo[:, :, ::-1].copy())
    if not photos:
        raise SystemExit(f"{folder} holds no photograph of at least {LEAST_SIDE} pixels; fetch_photographs.py gets some")
    return photos


def batch(photos: list[np.ndarray], count: int, side: int, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Crops [count,side,side,3] uint8 RGB and holes [count,side,side] bool, True = hole."""
    return np.stack([crop(photos, side, rng) for _ in range(count)]), np.stack([hole(side, side, rng) for _ in range(count)])


def crop(photos: list[np.ndarray], side: int, rng: Generator) -> np.ndarray:
    """[side,side,3] uint8 RGB."""
    photo = photos[rng.integers(len(photos))]
    height, width = photo.shape[:2]
    square = int(min(height, width, side * FARTHEST ** rng.uniform()))
    y, x = rng.integers(height - square + 1), rng.integers(width - square + 1)
    patch = cv2.resize(photo[y:y + square, x:x + square], (side, side), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        patch = patch[:, ::-1]
    if rng.random() < 0.15:
        patch = np.rot90(patch, rng.integers(1, 4))
    return _compressed(_grained(_toned(patch, rng), rng), rng)


def _toned(patch: np.ndarray, rng: Generator) -> np.ndarray:
    """Other colours and another gamma; float32 0..255."""
    patch = patch.astype(np.float32)
    if rng.random() < 0.3:
        patch = patch[:, :, rng.permutation(3)]
    if rng.random() < 0.5:
        patch = 255 * (patch / 255) ** np.exp(rng.normal(0, 0.25))
    if rng.random() < 0.1:
        patch = np.repeat(patch.mean(2, keepdims=True), 3, 2)
    return patch


def _grained(patch: np.ndarray, rng: Generator) -> np.ndarray:
    """Film grain, of one tone more often than of colours: it should go on in the fill. uint8."""
    if rng.random() < 0.15:
        channels = 1 if rng.random() < 0.7 else 3
        grain = rng.normal(0, rng.uniform(*GRAIN), (*patch.shape[:2], channels)).astype(np.float32)
        patch = patch + cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(0.4, 1.2))).reshape(grain.shape)
    return np.ascontiguousarray(patch.clip(0, 255).astype(np.uint8))


def _compressed(patch: np.ndarray, rng: Generator) -> np.ndarray:
    """Through JPEG, for one crop in four."""
    if rng.random() < 0.25:
        encoded = cv2.imencode(".jpg", patch, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))])[1]
        patch = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    return patch

"""How near models come to the truth inside the hole, beside OpenCV's inpainting: PSNR in dB / gradient as a share of the truth's, a kind a column.

    evaluate.py FOLDER MODEL... [--made N] [--sheet OUT.png] [--kinds strokes box]

FOLDER holds NAME.jpg with NAME_mask_KIND.png; with --made N holes are drawn on N of its JPEG and PNG files instead, the same each time. A MODEL is an
ONNX file, a checkpoint, or CHECKPOINT@F: with F times its texture. The sheet shows, a row a picture: the hole, OpenCV's
fills, each model's, the truth. `./submit.sh eval` measures the same through the whole repair.
"""
import argparse
import tomllib
from pathlib import Path
from typing import Callable, Iterator, NamedTuple

import cv2
import numpy as np
import torch

import checkpoints
from holes import KINDS, hole
from model import LUMA
from onnx_export import run, session

Fill = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(RGB uint8 [H,W,3], hole bool [H,W]) -> RGB uint8."""
RADIUS = 5
"""Of OpenCV's neighbourhood, in pixels."""
GAP = 6
"""Between a sheet's pictures, in pixels."""


class Case(NamedTuple):
    kind: str
    truth: np.ndarray
    """RGB uint8 [H,W,3]."""
    hole: np.ndarray
    """bool [H,W]."""


def cases(folder: Path, made: int) -> Iterator[Case]:
    if made:
        photos = sorted(p for p in folder.iterdir() if p.suffix in (".jpg", ".png") and "_mask_" not in p.name)
        for i, path in enumerate(photos[::max(1, len(photos) // made)][:made]):
            truth, kind = picture(path), list(KINDS)[i % len(KINDS)]
            yield Case(kind, truth, hole(*truth.shape[:2], np.random.default_rng(i), kind))
        return
    for path in sorted(folder.glob("*_mask_*.png")):
        name, kind = path.stem.split("_mask_")
        yield Case(kind, picture(folder / f"{name}.jpg"), cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) > 127)


def picture(path: Path) -> np.ndarray:
    return cv2.imread(str(path))[:, :, ::-1].copy()


def opencv(method: int) -> Fill:
    return lambda truth, hole: cv2.inpaint(truth, hole.astype(np.uint8) * 255, RADIUS, method)


def lama(predict: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Fill:
    """The whole picture at once, mirrored at its right and lower edge up to a multiple of 8."""

    def fill(truth: np.ndarray, hole: np.ndarray) -> np.ndarray:
        h, w = hole.shape
        more = ((0, -h % 8), (0, -w % 8))
        image = torch.from_numpy(np.pad(truth, (*more, (0, 0)), "symmetric")).permute(2, 0, 1)[None].float() / 255
        mask = torch.from_numpy(np.pad(hole, more, "symmetric"))[None, None].float()
        with torch.no_grad():
            output = predict(image, mask)[0, :, :h, :w].permute(1, 2, 0).numpy()
        return np.where(hole[..., None], np.round(output.clip(0, 1) * 255), truth).astype(np.uint8)

    return fill


def open_model(name: str, settings: dict) -> Fill:
    if name.endswith(".onnx"):
        opened = session(name)
        return lama(lambda image, mask: run(opened, image, mask))
    path, _, texture = name.partition("@")
    return lama(checkpoints.load(Path(path), settings, float(texture or 1)))


def psnr(truth: np.ndarray, filled: np.ndarray, hole: np.ndarray) -> float:
    return 10 * np.log10(255 ** 2 / np.mean((truth[hole].astype(float) - filled[hole]) ** 2))


def gradient(rgb: np.ndarray, hole: np.ndarray) -> float:
    """Sum of the absolute forward differences of luma over the hole."""
    luma = rgb @ np.array(LUMA)
    return (np.abs(np.diff(luma, axis=0, append=luma[-1:])) + np.abs(np.diff(luma, axis=1, append=luma[:, -1:])))[hole].sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--made", type=int, default=0, metavar="N")
    parser.add_argument("--sheet", type=Path, metavar="OUT.png")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--recipe", type=Path, default=Path(__file__).parent / "recipe.toml")
    options = parser.parse_args()

    settings = tomllib.loads(options.recipe.read_text())["model"]
    fills = {"Telea": opencv(cv2.INPAINT_TELEA), "Navier-Stokes": opencv(cv2.INPAINT_NS)} | {m: open_model(m, settings) for m in options.models}
    scores: dict[str, dict[str, list]] = {name: {} for name in fills}
    rows = []
    for case in cases(options.folder, options.made):
        if case.kind not in options.kinds:
            continue
        filled = {name: fill(case.truth, case.hole) for name, fill in fills.items()}
        for name, result in filled.items():
            share = gradient(result, case.hole) / gradient(case.truth, case.hole)
            scores[name].setdefault(case.kind, []).append((psnr(case.truth, result, case.hole), share))
        rows.append([np.where(case.hole[..., None], 255, case.truth).astype(np.uint8), *filled.values(), case.truth])
    for name, kinds in scores.items():
        means = {kind: np.mean(values, 0) for kind, values in kinds.items()}
        means["all"] = np.mean([value for values in kinds.values() for value in values], 0)
        print(f"{name:>30}  " + "  ".join(f"{kind} {db:.2f} / {share:.2f}" for kind, (db, share) in sorted(means.items())))
    if options.sheet:
        cv2.imwrite(str(options.sheet), sheet(rows)[:, :, ::-1])


def sheet(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Rows of pictures on white, upright ones turned to lie."""
    lying = [np.hstack([np.pad(np.rot90(p) if p.shape[0] > p.shape[1] else p, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)
                        for p in row]) for row in rows]
    width = max(row.shape[1] for row in lying)
    return np.vstack([np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in lying])


if __name__ == "__main__":
    main()

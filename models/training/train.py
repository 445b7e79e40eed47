"""Trains lama-lite as a recipe says, on the CPU or on one CUDA GPU; given the same folder again it goes on where it stopped.

    train.py --photographs FOLDER --out FOLDER [--recipe recipe.toml] [--threads N]

Writes stage1.pt, stage2.pt, ... and last.pt (the state to resume from) to the folder, and a line a minute to the console.
"""
import argparse
import math
import os
import queue
import threading
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

import losses
import photographs
from discriminator import STRIDE, Discriminator
from model import LamaLite

HERE = Path(__file__).parent
RECONSTRUCTION = {f.__name__: f for f in (losses.l1, losses.differences, losses.spectrum)}
WARM_UP = 100
"""Steps over which a stage's learning rate rises."""
LEAST_RATE = 0.02
"""Of the highest, at a stage's end."""
AVERAGE = 0.995
"""Decay of the moving average of the weights; the average is what is exported."""
SAY_SECONDS, SAVE_SECONDS = 60, 150


@dataclass(frozen=True)
class Stage:
    """One `[[stage]]` of a recipe; recipe.toml says what the keys mean."""

    steps: int
    side: int
    batch: int
    rate: float
    reconstruction: dict[str, float] = field(default_factory=dict)
    trains: str = ""
    texture: float = 0.0
    adversarial: float = 0.0

    def rate_at(self, step: int) -> float:
        falling = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        return self.rate * min(1, (step + 1) / WARM_UP) * (LEAST_RATE + (1 - LEAST_RATE) * falling)


class Trainer:
    """The networks, their optimisers and the average of the generator's weights."""

    def __init__(self, settings: dict, device: str):
        self.device = device
        self.step = 0
        """Steps done, over all stages."""
        place = lambda module: module.to(device, memory_format=torch.channels_last)
        self.generator, self.average, self.discriminator = place(LamaLite(**settings)), place(LamaLite(**settings)).eval(), place(Discriminator())
        self.average.load_state_dict(self.generator.state_dict())
        self.generator_optimiser = torch.optim.AdamW(self.generator.parameters(), betas=(0.9, 0.99), weight_decay=1e-4)
        self.discriminator_optimiser = torch.optim.AdamW(self.discriminator.parameters(), 3e-4, betas=(0.5, 0.99), weight_decay=0)

    PARTS = ("generator", "average", "discriminator", "generator_optimiser", "discriminator_optimiser")

    def save(self, path: Path) -> None:
        """Whole or not at all."""
        torch.save({"step": self.step} | {p: getattr(self, p).state_dict() for p in self.PARTS}, f"{path}.tmp")
        os.replace(f"{path}.tmp", path)

    def load(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.step = state["step"]
        for part in self.PARTS:
            getattr(self, part).load_state_dict(state[part])

    def start(self, path: Path) -> None:
        """From a generator's weights, a state dict of any precision; what it lacks keeps its initial value."""
        weights = torch.load(path, map_location=self.device, weights_only=True)
        self.generator.load_state_dict(self.generator.state_dict() | weights)
        self.average.load_state_dict(self.generator.state_dict())

    def learn(self, stage: Stage, rate: float, crops: np.ndarray, holes: np.ndarray) -> dict[str, float]:
        """One step; what it measured."""
        for group in self.generator_optimiser.param_groups:
            group["lr"] = rate
        truth = torch.from_numpy(crops).to(self.device).permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)
        hole = torch.from_numpy(holes).to(self.device).unsqueeze(1).float()
        self.generator.train()
        self.generator.requires_grad_(not stage.trains)
        self.generator.get_submodule(stage.trains).requires_grad_()
        if stage.adversarial or stage.trains:
            # A frozen part keeps its statistics, and those of fills that a discriminator drives about are not what the average will meet.
            for module in self.generator.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=self.device == "cuda"):
            fill = self.generator(truth, hole)
        picture = truth * (1 - hole) + fill.float() * hole

        judged = picture.detach().requires_grad_()
        terms = {name: RECONSTRUCTION[name](judged, truth, hole) for name in stage.reconstruction}
        gradient = self._gradient(sum(stage.reconstruction[n] * terms[n] for n in terms), judged) * hole
        size = gradient.norm()
        if stage.texture:
            terms["local_spectra"] = losses.local_spectra(judged, truth, hole)
            gradient = gradient + self._sized(self._gradient(terms["local_spectra"], judged), stage.texture * size, hole)
        if stage.adversarial:
            where = nn.functional.max_pool2d(hole, STRIDE)
            truth_score, truth_features = self.discriminator(truth)
            score, features = self.discriminator(judged)
            fools = losses.fools(score, features, [f.detach() for f in truth_features], where, hole)
            gradient = gradient + self._sized(self._gradient(fools, judged, keep=True), stage.adversarial * size, hole)
            terms["tells_apart"] = losses.tells_apart(truth_score, score, where)
            self.discriminator_optimiser.zero_grad(set_to_none=True)
            terms["tells_apart"].backward()
            self.discriminator_optimiser.step()

        self.generator_optimiser.zero_grad(set_to_none=True)
        picture.backward(gradient)
        nn.utils.clip_grad_norm_(self.generator.parameters(), 1.0)
        self.generator_optimiser.step()
        self.step += 1
        self._follow()
        return {name: term.item() for name, term in terms.items()}

    @staticmethod
    def _gradient(loss: Tensor, picture: Tensor, keep: bool = False) -> Tensor:
        return torch.autograd.grad(loss, picture, retain_graph=keep)[0]

    @staticmethod
    def _sized(gradient: Tensor, size: Tensor, hole: Tensor) -> Tensor:
        """Of the given norm in the hole: so a discriminator that is sure of itself, or lost, weighs no more and no less (Esser et al., VQGAN, CVPR
        2021, eq. 7, taken at the picture)."""
        gradient = gradient * hole
        return gradient * (size / gradient.norm().clamp(min=1e-12))

    @torch.no_grad()
    def _follow(self) -> None:
        """Moves the average towards the weights; at first faster, or the start would stay in it for long."""
        decay = min(AVERAGE, (1 + self.step) / (10 + self.step))
        for mean, value in zip(self.average.state_dict().values(), self.generator.state_dict().values()):
            mean.lerp_(value, 1 - decay) if mean.is_floating_point() else mean.copy_(value)


def batches(photos: list[np.ndarray], stages: list[Stage], seed: int, step: int) -> queue.Queue:
    """(stage, step within it, crops, holes), made ahead by one thread. What a step gets depends on the seed and its number alone, so that
    a resumed training is the one that was interrupted."""
    ahead = queue.Queue(4)

    def make():
        first = 0
        for stage in stages:
            for within in range(max(0, step - first), stage.steps):
                rng = np.random.default_rng((seed, first + within))
                ahead.put((stage, within, *photographs.batch(photos, stage.batch, stage.side, rng)))
            first += stage.steps
        ahead.put(None)

    threading.Thread(target=make, daemon=True).start()
    return ahead


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, required=True, help="a folder of JPEG and PNG files, read with all folders below it")
    parser.add_argument("--out", type=Path, required=True, help="the folder of checkpoints; one that holds last.pt is gone on with")
    parser.add_argument("--recipe", type=Path, default=HERE / "recipe.toml")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of the CPU (default: all)")
    options = parser.parse_args()

    recipe = tomllib.loads(options.recipe.read_text())
    stages = [Stage(**stage) for stage in recipe["stage"]]
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(recipe["seed"])
    photos = photographs.load(options.photographs)
    trainer = Trainer(recipe["model"], "cuda" if torch.cuda.is_available() else "cpu")
    options.out.mkdir(parents=True, exist_ok=True)
    last = options.out / "last.pt"
    if last.exists():
        trainer.load(last)
    elif "start" in recipe:
        trainer.start(options.recipe.parent / recipe["start"])
    print(f"{len(photos)} photographs, {trainer.device}, from step {trainer.step} of {sum(s.steps for s in stages)}", flush=True)

    measured: list[dict[str, float]] = []
    said = saved = time.monotonic()
    ahead = batches(photos, stages, recipe["seed"], trainer.step)
    while (item := ahead.get()) is not None:
        stage, within, crops, holes = item
        # For the noise's place: as the crops, it depends on the step alone.
        torch.manual_seed(recipe["seed"] << 32 | trainer.step)
        measured.append(trainer.learn(stage, stage.rate_at(within), crops, holes))
        now = time.monotonic()
        if now - said > SAY_SECONDS:
            means = " ".join(f"{name} {np.mean([m[name] for m in measured]):.4f}" for name in measured[-1] if name in measured[0])
            print(f"{time.strftime('%H:%M:%S')} step {trainer.step}: {means}; {(now - said) / len(measured):.2f} s a step", flush=True)
            measured, said = [], now
        ended = within + 1 == stage.steps
        if ended:
            trainer.save(options.out / f"stage{stages.index(stage) + 1}.pt")
        if ended or now - saved > SAVE_SECONDS:
            trainer.save(last)
            saved = now


if __name__ == "__main__":
    main()

"""`python -m unittest discover models/training`: a minute on two cores, with made photographs."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import cv2
import numpy as np
import torch

import losses
from holes import KINDS, LEAST, MOST, hole
from model import NOISE_SIDE, OCTAVES, ORIENTATIONS, LamaLite, Texture, oriented_noise, push_pull
from onnx_export import run, session
from photographs import batch

HERE = Path(__file__).parent
TINY = {"width": 4, "blocks": 1, "global_ratio": 0.75}
RECIPE = """
seed = 1
start = "start.pt"
[model]
width = 4
blocks = 1
global_ratio = 0.75
[[stage]]
steps = {first}
side = 64
batch = 2
rate = 1e-3
reconstruction = {{ l1 = 1.0, differences = 0.25, spectrum = 0.15 }}
[[stage]]
steps = {second}
side = 64
batch = 2
rate = 1e-3
reconstruction = {{ l1 = 1.0 }}
texture = 0.5
adversarial = 0.5
[[stage]]
trains = "texture"
steps = {third}
side = 64
batch = 2
rate = 1e-3
reconstruction = {{ l1 = 1.0 }}
texture = 10.0
"""


def waves(height, width, seed):
    """A made photograph: waves of several lengths, in colour."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    picture = np.zeros((height, width, 3))
    for _ in range(12):
        fx, fy = rng.normal(0, 0.2, 2)
        picture += rng.normal(0, 18, 3) * np.sin(fx * x + fy * y + rng.uniform(0, 6))[..., None]
    return (128 + picture).clip(0, 255).astype(np.uint8)


class Holes(unittest.TestCase):
    def test_each_kind_takes_its_share_and_is_the_same_for_the_same_seed(self):
        for kind in KINDS:
            for seed in range(20):
                mask = hole(96, 144, np.random.default_rng(seed), kind)
                self.assertTrue(LEAST <= mask.mean() <= MOST)
                np.testing.assert_array_equal(mask, hole(96, 144, np.random.default_rng(seed), kind))

    def test_scratches_are_thin_and_strokes_thick(self):
        def thickness(kind):
            return max(cv2.distanceTransform(hole(256, 256, np.random.default_rng(s), kind).astype(np.uint8), cv2.DIST_L2, 5).max()
                       for s in range(10))
        self.assertLess(thickness("scratch"), 6)
        self.assertGreater(thickness("strokes"), 10)


class Crops(unittest.TestCase):
    def test_a_batch_has_its_shape_and_follows_its_seed(self):
        photos = [waves(300, 400, 1), waves(500, 260, 2)]
        crops, holes = batch(photos, 3, 64, np.random.default_rng(5))
        self.assertEqual((crops.shape, crops.dtype, holes.shape, holes.dtype), ((3, 64, 64, 3), np.uint8, (3, 64, 64), np.bool_))
        again, _ = batch(photos, 3, 64, np.random.default_rng(5))
        np.testing.assert_array_equal(crops, again)
        self.assertTrue((crops != batch(photos, 3, 64, np.random.default_rng(6))[0]).any())


class Model(unittest.TestCase):
    def test_push_pull_keeps_what_is_known_and_does_not_look_under_the_hole(self):
        image, mask = torch.rand(2, 3, 72, 104), torch.zeros(2, 1, 72, 104)
        mask[:, :, 20:50, 30:90] = 1
        filled = push_pull(image, mask)
        torch.testing.assert_close(filled * (1 - mask), image * (1 - mask))
        torch.testing.assert_close(filled, push_pull(image * (1 - mask), mask))

    def test_push_pull_goes_on_with_a_ramp(self):
        ramp = torch.linspace(0, 1, 128).view(1, 1, 1, 128).expand(1, 3, 128, 128)
        mask = torch.zeros(1, 1, 128, 128)
        mask[:, :, 56:72, 56:72] = 1
        self.assertLess((push_pull(ramp, mask) - ramp).abs().max().item(), 0.03)

    def test_an_untrained_model_gives_the_smooth_fill(self):
        image, mask = torch.rand(1, 3, 64, 72), (torch.rand(1, 1, 64, 72) > 0.7).float()
        with torch.no_grad():
            difference = LamaLite(**TINY).eval()(image, mask) - push_pull(image, mask).clamp(0, 1)
        self.assertLess(difference.abs().max().item(), 0.05)

    def test_noise_is_in_bands_repeats_without_a_seam_and_is_always_the_same(self):
        noise = oriented_noise()[0]
        torch.testing.assert_close(noise, oriented_noise()[0])
        torch.testing.assert_close(noise.std((1, 2)), torch.ones(OCTAVES * ORIENTATIONS))
        power = torch.fft.fft2(noise).abs().square()
        radius = torch.hypot(torch.fft.fftfreq(NOISE_SIDE)[:, None], torch.fft.fftfreq(NOISE_SIDE)[None])
        finest_to_coarsest = [(power[o * ORIENTATIONS] * radius).sum() / power[o * ORIENTATIONS].sum() for o in range(OCTAVES)]
        self.assertEqual(finest_to_coarsest, sorted(finest_to_coarsest, reverse=True))
        across = lambda plane, dim: plane.diff(dim=dim).abs().mean()
        self.assertGreater(across(noise[0], 1), 1.5 * across(noise[0], 0))
        self.assertGreater(across(noise[2], 0), 1.5 * across(noise[2], 1))
        seam = (noise[:, :, 0] - noise[:, :, -1]).abs().mean()
        self.assertAlmostEqual((seam / noise.diff(dim=2).abs().mean()).item(), 1, delta=0.15)

    def test_texture_is_the_same_for_the_same_picture_and_does_not_look_under_the_hole(self):
        texture = Texture(4).eval()
        features, image, mask = torch.rand(1, 4, 64, 64), torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
        mask[:, :, 16:48, 16:48] = 1
        with torch.no_grad():
            torch.testing.assert_close(texture(features, image, mask), texture(features, image * (1 - mask), mask))


class Losses(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.truth, self.hole = torch.rand(2, 3, 64, 64), torch.zeros(2, 1, 64, 64)
        self.hole[:, :, 16:48, 16:48] = 1

    def test_all_are_zero_at_the_truth(self):
        for loss in (losses.l1, losses.differences, losses.spectrum, losses.local_spectra):
            self.assertEqual(loss(self.truth, self.truth, self.hole).item(), 0)

    def test_l1_is_the_mean_over_the_hole(self):
        self.assertAlmostEqual(losses.l1(self.truth + 0.25 * self.hole, self.truth, self.hole).item(), 0.25, places=5)

    def test_local_spectra_ask_for_texture_and_not_for_its_place(self):
        flat = self.truth * (1 - self.hole) + 0.5 * self.hole
        other = self.truth * (1 - self.hole) + torch.rand(2, 3, 64, 64) * self.hole
        self.assertGreater(losses.local_spectra(flat, self.truth, self.hole), 2 * losses.local_spectra(other, self.truth, self.hole))
        self.assertLess(losses.l1(flat, self.truth, self.hole), losses.l1(other, self.truth, self.hole))


class Training(unittest.TestCase):
    """The commands, as a user gives them."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "photos").mkdir()
        torch.save(LamaLite(**TINY).half().state_dict(), self.folder / "start.pt")
        for i in range(3):
            cv2.imwrite(str(self.folder / "photos" / f"{i}.png"), waves(280, 300, i))

    def command(self, script, *arguments, recipe="recipe.toml"):
        result = subprocess.run([sys.executable, str(HERE / script), *map(str, arguments), "--recipe", str(self.folder / recipe)],
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def train(self, out, recipe):
        return self.command("train.py", "--photographs", self.folder / "photos", "--out", self.folder / out, "--threads", 2, recipe=recipe)

    def test_trains_resumes_and_exports(self):
        (self.folder / "recipe.toml").write_text(RECIPE.format(first=4, second=3, third=2))
        self.train("whole", "recipe.toml")

        # The same in two parts: a first run that ends with the first stage, as an interrupted one does.
        (self.folder / "short.toml").write_text(RECIPE.format(first=4, second=0, third=0))
        self.train("parts", "short.toml")
        self.assertIn("from step 4 of 9", self.train("parts", "recipe.toml"))
        whole, parts = (torch.load(self.folder / f / "stage3.pt", weights_only=True)["average"] for f in ("whole", "parts"))
        before = torch.load(self.folder / "whole" / "stage2.pt", weights_only=True)["generator"]
        after = torch.load(self.folder / "whole" / "stage3.pt", weights_only=True)["generator"]
        for name in whole:
            torch.testing.assert_close(parts[name], whole[name], msg=name)
            # The last stage trains the texture alone.
            if not name.startswith("texture."):
                torch.testing.assert_close(after[name], before[name], rtol=0, atol=0, msg=name)
        self.assertTrue((after["texture.amplitude.0.weight"] != before["texture.amplitude.0.weight"]).any())

        file = self.folder / "lite.onnx"
        self.command("export_lite.py", self.folder / "whole" / "stage3.pt", "--out", file, "--texture", 0.5)
        output = run(session(file), torch.rand(2, 3, 72, 96), (torch.rand(2, 1, 72, 96) > 0.7).float())
        self.assertEqual(output.shape, (2, 3, 72, 96))
        self.assertTrue(0 <= output.min() and output.max() <= 1)
        table = self.command("evaluate.py", self.folder / "photos", file, "--made", 3)
        self.assertIn("lite.onnx", table)


if __name__ == "__main__":
    unittest.main()

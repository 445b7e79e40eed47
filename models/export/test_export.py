"""python -m unittest, in this folder; under a minute on two cores. LAMA_OFFICIAL=<checkout of advimman/lama> compares with that, too."""
import copy
import os
import sys
import tempfile
import types
import unittest
import warnings
from pathlib import Path
from typing import Mapping

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, numpy_helper
from torch import Tensor, nn

import checkpoint
import parity
from folding import fold_batch_norms
from fourier import FourierUnit, dft_basis
from generator import Config, Generator
from inpainter import Inpainter
from official import official_generator
from onnx_export import BARS, export, run, session
from random_weights import enliven, picture

NARROW = Config(ngf=8, n_blocks=2)
SIZES = ((1, 16, 16), (3, 64, 72), (2, 128, 40))
CONFIG_YAML = """
generator:
  kind: ffc_resnet
  input_nc: 4
  output_nc: 3
  ngf: 8
  n_downsampling: 3
  n_blocks: 2
  add_out_act: sigmoid
  init_conv_kwargs: {ratio_gin: 0, ratio_gout: 0, enable_lfu: false}
  downsample_conv_kwargs:
    ratio_gin: ${generator.init_conv_kwargs.ratio_gout}
    ratio_gout: ${generator.downsample_conv_kwargs.ratio_gin}
    enable_lfu: false
  resnet_conv_kwargs:
    ratio_gin: 0.75
    ratio_gout: ${generator.resnet_conv_kwargs.ratio_gin}
    enable_lfu: false
"""


def reference(state: Mapping[str, Tensor], image: Tensor, mask: Tensor) -> Tensor:
    """LaMa as formulas over the authors' names and order of channels: `torch.fft`, nothing folded or reordered."""
    def norm(x: Tensor, name: str) -> Tensor:
        return F.batch_norm(x, *(state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")))

    def conv(x: Tensor, name: str, stride: int = 1) -> Tensor:
        weight = state[name + ".weight"]
        return F.conv2d(F.pad(x, (weight.shape[3] // 2,) * 4, mode="reflect"), weight, state.get(name + ".bias"), stride)

    def spectral(x: Tensor, name: str) -> Tensor:
        x = F.relu(norm(conv(x, name + ".conv1.0"), name + ".conv1.1"))
        n, c, h, w = x.shape
        f = torch.view_as_real(torch.fft.rfftn(x, dim=(2, 3), norm="ortho")).permute(0, 1, 4, 2, 3).flatten(1, 2)
        f = F.relu(norm(conv(f, name + ".fu.conv_layer"), name + ".fu.bn"))
        f = torch.view_as_complex(f.unflatten(1, (c, 2)).permute(0, 1, 3, 4, 2).contiguous())
        return conv(x + torch.fft.irfftn(f, s=(h, w), dim=(2, 3), norm="ortho"), name + ".conv2")

    def layer(local: Tensor, global_: Tensor | None, name: str, stride: int = 1) -> tuple[Tensor, Tensor | None]:
        y = conv(local, name + ".ffc.convl2l", stride)
        if global_ is not None:
            y = y + conv(global_, name + ".ffc.convg2l")
        z = None
        if name + ".bn_g.weight" in state:
            z = conv(local, name + ".ffc.convl2g", stride)
            if global_ is not None:
                z = z + spectral(global_, name + ".ffc.convg2g")
            z = F.relu(norm(z, name + ".bn_g"))
        return F.relu(norm(y, name + ".bn_l")), z

    local, global_ = layer(torch.cat((image * (1 - mask), mask), 1), None, "model.1")
    for i in (2, 3, 4):
        local, global_ = layer(local, global_, f"model.{i}", 2)
    for i in range(5, 5 + NARROW.n_blocks):
        a, b = layer(*layer(local, global_, f"model.{i}.conv1"), f"model.{i}.conv2")
        local, global_ = local + a, global_ + b
    y, i = torch.cat((local, global_), 1), 6 + NARROW.n_blocks
    for i in (i, i + 3, i + 6):
        y = F.conv_transpose2d(y, state[f"model.{i}.weight"], state[f"model.{i}.bias"], 2, 1, 1)
        y = F.relu(norm(y, f"model.{i + 1}"))
    return mask * torch.sigmoid(conv(y, f"model.{i + 4}")) + (1 - mask) * image


def holes(n: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(5)
    image, _ = picture(n, height, width, seed=n)
    return image, (torch.rand(n, 1, height, width, generator=random) > 0.5).float()


class ExportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.state = enliven(Generator(NARROW), seed=1).state_dict()
        cls.model = Inpainter(fold_batch_norms(checkpoint.build(NARROW, cls.state)))
        cls.files = {}
        for compute, storage in (("fp32", "fp32"), ("fp32", "fp16"), ("fp16", "fp32")):
            file = cls.files[compute, storage] = Path(cls.folder.name) / f"{compute}-{storage}.onnx"
            export(cls.model, file, "narrow", compute=compute, storage=storage)

    def difference(self, file: Path, n: int, height: int, width: int) -> float:
        image, mask = holes(n, height, width)
        return (run(session(file), image, mask) - reference(self.state, image, mask)).abs().max().item()

    def test_float32_is_the_reference_at_any_size_and_batch(self) -> None:
        for size in SIZES:
            with self.subTest(size):
                self.assertLess(self.difference(self.files["fp32", "fp32"], *size), 2e-5)

    def test_half_precision_is_close_and_is_not_the_reference(self) -> None:
        for kind in (("fp32", "fp16"), ("fp16", "fp32")):
            for size in SIZES:
                with self.subTest(kind=kind, size=size):
                    difference = self.difference(self.files[kind], *size)
                    self.assertLess(difference, BARS["fp16"])
                    self.assertGreater(difference, 2e-5)

    def test_reference_depends_on_the_spectrum_s_every_part(self) -> None:
        image, mask = holes(1, 64, 64)
        before = reference(self.state, image, mask)
        name = "model.6.conv2.ffc.convg2g.fu.conv_layer.weight"
        for part in range(2):
            changed = dict(self.state)
            changed[name] = self.state[name].clone()
            changed[name][part::2] = 0
            self.assertGreater((reference(changed, image, mask) - before).abs().max().item(), 1e-2)

    def test_kept_pixels_come_out_as_they_went_in(self) -> None:
        image, mask = holes(1, 32, 32)
        output = run(session(self.files["fp16", "fp32"]), image, mask)
        self.assertTrue(torch.equal(output * (1 - mask), image * (1 - mask)))

    def test_any_mask_above_zero_is_a_hole_and_what_stands_there_is_not_seen(self) -> None:
        image, mask = holes(1, 32, 32)
        opened = session(self.files["fp32", "fp32"])
        expected = run(opened, image, mask)
        self.assertTrue(torch.equal(run(opened, image, mask * 0.1), expected))
        self.assertTrue(torch.equal(run(opened, image * (1 - mask) + mask, mask), expected))

    def test_signature_and_metadata(self) -> None:
        model = onnx.load(self.files["fp32", "fp32"])
        shapes = {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]
                  for v in [*model.graph.input, *model.graph.output]}
        self.assertEqual(shapes, {name: ["batch", c, "height", "width"] for name, c in (("image", 3), ("mask", 1), ("output", 3))})
        self.assertEqual({p.key: p.value for p in model.metadata_props},
                         {"lama.name": "narrow", "lama.image_range": "0..1", "lama.output_range": "0..1", "lama.modulo": "8"})

    def test_plain_operators_and_one_basis_for_all_units(self) -> None:
        model = onnx.load(self.files["fp32", "fp32"])
        self.assertEqual({o.domain for o in model.opset_import}, {""})
        operators = [node.op_type for node in model.graph.node]
        self.assertNotIn("DFT", operators)
        self.assertNotIn("BatchNormalization", operators)
        self.assertEqual((operators.count("Cos"), operators.count("Sin")), (2, 2))

    def test_half_precision_spares_the_encoder_and_the_fourier_units(self) -> None:
        tensors = {t.name: t for t in onnx.load(self.files["fp16", "fp32"]).graph.initializer}
        weights = {k: t.data_type for k, t in tensors.items() if k.endswith("weight")}
        self.assertGreater(len(weights), 30)
        for name, kind in weights.items():
            precise = ".fu." in name or name.split(".")[2] in "1234"
            self.assertEqual(kind, TensorProto.FLOAT if precise else TensorProto.FLOAT16, name)
            if precise:
                self.assertTrue(np.array_equal(numpy_helper.to_array(tensors[name]), self.model.state_dict()[name].numpy()), name)

    def test_half_storage_is_half_the_file(self) -> None:
        full, half = (self.files["fp32", s].stat().st_size for s in ("fp32", "fp16"))
        self.assertLess(half, 0.65 * full)
        stored = [t for t in onnx.load(self.files["fp32", "fp16"]).graph.initializer if t.data_type == TensorProto.FLOAT]
        self.assertLess(max(np.size(numpy_helper.to_array(t)) for t in stored), 256)

    def test_module_is_left_as_it_is(self) -> None:
        self.assertEqual({p.dtype for p in self.model.parameters()}, {torch.float32})


class FourierUnitTest(unittest.TestCase):
    def test_products_are_the_transform(self) -> None:
        torch.manual_seed(0)
        unit = FourierUnit(5).eval()
        nn.init.uniform_(unit.bn.running_var, 0.5, 2)
        for height, width in ((64, 64), (48, 80), (2, 2), (2, 7), (9, 6), (128, 1)):
            with self.subTest(height=height, width=width), torch.no_grad():
                x = torch.randn(2, 5, height, width)
                torch.testing.assert_close(unit(x, dft_basis(height, width)), unit(x), atol=1e-5, rtol=1e-5)

    def test_half_precision_survives_what_overflows_there(self) -> None:
        unit = FourierUnit(4).eval()
        x = torch.full((1, 4, 64, 64), 3e3).half()  # The sum of a plane is 12 million, the orthonormal mean 192 thousand.
        y = unit(x, dft_basis(64, 64))
        self.assertEqual(y.dtype, torch.float16)
        self.assertTrue(y.isfinite().all())


class CheckpointTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.generator = enliven(Generator(NARROW), seed=2)
        # What the authors' checkpoints hold is interleaved: read back, these weights come out in this generator's order.
        self.state = self.generator.state_dict()
        self.expected = checkpoint.build(NARROW, self.state).state_dict()

    def assert_loaded(self, generator: Generator) -> None:
        for name, value in generator.state_dict().items():
            self.assertTrue(torch.equal(value, self.expected[name]), name)

    def write(self, state: dict) -> Path:
        (self.folder / "models").mkdir()
        (self.folder / "config.yaml").write_text(CONFIG_YAML)
        torch.save(state, self.folder / "models" / "best.ckpt")
        return self.folder

    def test_lightning_checkpoint_with_classes_that_are_gone(self) -> None:
        gone = types.ModuleType("gone")
        exec("class Callback:\n    def __init__(self): self.best = {'score': 1}\nclass Parameters(dict): pass\n"
             "class History(list): pass", gone.__dict__)
        sys.modules["gone"] = gone
        prefixed = {"generator." + k: v for k, v in self.state.items()} | {"discriminator.model0.weight": torch.zeros(3)}
        folder = self.write({"epoch": 39, "callbacks": {gone.Callback: gone.Callback()}, "hyper_parameters": gone.Parameters(a=1),
                             "history": gone.History([1, 2]), "state_dict": prefixed})
        del sys.modules["gone"]
        self.assert_loaded(checkpoint.from_checkpoint(folder))
        self.assert_loaded(checkpoint.from_checkpoint(folder / "models" / "best.ckpt"))

    def test_code_in_a_checkpoint_is_not_run(self) -> None:
        marker = self.folder / "ran"

        class Trap:
            def __reduce__(self):
                return os.mkdir, (str(marker),)

        folder = self.write({"trap": Trap(), "state_dict": {"generator." + k: v for k, v in self.state.items()}})
        self.assert_loaded(checkpoint.from_checkpoint(folder))
        self.assertFalse(marker.exists())

    def test_torchscript_like_iopaint_s(self) -> None:
        class Training(nn.Module):
            def __init__(self, generator: nn.Module):
                super().__init__()
                self.generator = generator

            def forward(self, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
                image, mask = batch["image"], batch["mask"]
                return {"inpainted": mask * self.generator(torch.cat((image * (1 - mask), mask), 1)) + (1 - mask) * image}

        class Wrapper(nn.Module):
            def __init__(self, model: nn.Module):
                super().__init__()
                self.model = model

            def forward(self, image: Tensor, mask: Tensor) -> Tensor:
                return self.model({"image": image, "mask": mask})["inpainted"]

        file, config = self.folder / "big-lama.pt", self.folder / "config.yaml"
        config.write_text(CONFIG_YAML)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            traced = torch.jit.trace(Wrapper(Training(copy.deepcopy(self.generator))), picture(1, 64, 64, seed=0), strict=False)
            traced.save(str(file))
        self.assert_loaded(checkpoint.from_torchscript(file, config))

    def test_wrong_weights_are_named(self) -> None:
        state = dict(self.state)
        del state["model.1.bn_l.weight"]
        with self.assertRaisesRegex(ValueError, "model.1.bn_l.weight is missing"):
            checkpoint.build(NARROW, state)
        with self.assertRaisesRegex(ValueError, "model.7.conv1.ffc.convl2l.weight is missing.*; ..."):
            checkpoint.build(Config(ngf=8, n_blocks=3), self.state)
        with self.assertRaisesRegex(ValueError, r"is \[8, 4, 7, 7\], expected \[16, 4, 7, 7\]"):
            checkpoint.build(Config(ngf=16, n_blocks=2), self.state)

    def test_folder_without_a_checkpoint_or_config(self) -> None:
        with self.assertRaisesRegex(ValueError, "found 0"):
            checkpoint.from_checkpoint(self.folder)
        torch.save(self.state, self.folder / "x.ckpt")
        with self.assertRaisesRegex(ValueError, "config.yaml"):
            checkpoint.from_checkpoint(self.folder / "x.ckpt")


class ConfigTest(unittest.TestCase):
    def parse(self, *changes: tuple[str, str]) -> Config:
        text = CONFIG_YAML
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        return Config.of(checkpoint.yaml.safe_load(text))

    def test_references_are_followed(self) -> None:
        self.assertEqual(self.parse(), NARROW)

    def test_other_generators_are_refused(self) -> None:
        for change, message in ((("ffc_resnet", "pix2pixhd_global"), "generator.kind"), (("sigmoid", "tanh"), "add_out_act"),
                                (("enable_lfu: false", "enable_lfu: true"), "enable_lfu"), (("ratio_gin: 0,", "ratio_gin: 0.5,"), "ratio_gin"),
                                (("ratio_gin: 0.75", "ratio_gin: 0"), "ratio_gin"), (("ngf: 8", "out_ffc: true"), "out_ffc"),
                                (("ngf: 8", "surprise: 1"), "surprise"), (("${generator.init", "${nowhere.init"), "nothing"),
                                (("ratio_gout: ${generator.downsample_conv_kwargs.ratio_gin}",
                                  "ratio_gout: ${generator.downsample_conv_kwargs.ratio_gout}"), "refers to itself"),
                                (("generator:", "other:"), "section")):
            with self.subTest(change), self.assertRaisesRegex(ValueError, message):
                self.parse(change)


class RandomWeightsTest(unittest.TestCase):
    def test_activations_stay_alive(self) -> None:
        generator = enliven(Generator(Config(ngf=8)), seed=3)
        image, mask = picture(1, 128, 128, seed=9)
        with torch.no_grad():
            x = torch.cat((image * (1 - mask), mask), 1)
            output = generator(x)
            first = next(i for i, block in enumerate(generator.model) if type(block).__name__ == "FFCBlock")
            for weight in generator.model[first].conv1.parameters():
                weight.zero_()
            self.assertGreater((generator(x) - output).abs().max().item(), 0.01)
        self.assertGreater(output.std().item(), 0.1)


@unittest.skipUnless("LAMA_OFFICIAL" in os.environ, "LAMA_OFFICIAL names no checkout of advimman/lama")
class OfficialTest(unittest.TestCase):
    def test_parity(self) -> None:
        official = enliven(official_generator(Path(os.environ["LAMA_OFFICIAL"]), ngf=8, n_blocks=2))
        self.assertTrue(parity.compare(official, NARROW, ((64, 64), (96, 64)), "cpu"))


if __name__ == "__main__":
    unittest.main()

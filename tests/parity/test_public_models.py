"""Public model files run unchanged with torch aliased to minitorch: torchvision's own."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.parity.aliased import MODELS

pytest.importorskip("torchvision", reason="torchvision has an environment of its own")
pytestmark = [pytest.mark.data, pytest.mark.slow]

ROOT = Path(__file__).parents[2]


def theirs() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return what the other process is given, and what PyTorch makes of it."""
    given, expected = {}, {}
    for name, make in MODELS.items():
        model = make(lambda file: importlib.import_module(f"torchvision.models.{file}")).double()
        images = torch.randn(
            3, 3, 64 if name != "vision_transformer" else 32, 64, dtype=torch.double
        )
        images = images if name != "vision_transformer" else images[..., :32]
        given[f"{name}/images"] = images.numpy()
        for key, value in model.state_dict().items():
            given[f"{name}/weights/{key}"] = value.numpy().copy()
        expected[f"{name}/repr"] = np.array(repr(model))
        scores = model(images)
        torch.nn.functional.cross_entropy(scores, torch.arange(3)).backward()
        expected[f"{name}/scores"] = scores.detach().numpy()
        for key, parameter in model.named_parameters():
            if parameter.grad is not None:
                expected[f"{name}/gradients/{key}"] = parameter.grad.numpy()
    return given, expected


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory):
    """What both made of the same weights and images."""
    folder = tmp_path_factory.mktemp("public")
    given, expected = theirs()
    np.savez(folder / "in.npz", **given)
    command = [sys.executable, "-m", "tests.parity.aliased", folder / "in.npz", folder / "out.npz"]
    subprocess.run(command, cwd=ROOT, check=True)
    return np.load(folder / "out.npz"), expected


@pytest.mark.parametrize("name", MODELS)
def test_a_public_file_runs_unchanged(results, name):
    found, expected = results
    keys = {key for key in expected if key.startswith(f"{name}/")}
    assert keys == {key for key in found.files if key.startswith(f"{name}/")}
    assert str(found[f"{name}/repr"]) == str(expected[f"{name}/repr"])
    for key in keys - {f"{name}/repr"}:
        np.testing.assert_allclose(found[key], expected[key], rtol=1e-6, atol=1e-8, err_msg=key)

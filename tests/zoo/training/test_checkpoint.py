"""Checkpoints: what goes in comes out, and what is damaged is refused by name."""

import json

import numpy as np
import pytest

import minitorch
from zoo.training import CheckpointError, Checkpoints, load_state, load_weights, save_state

STATE = {
    "step": 3,
    "loss": float("inf"),
    "names": ["a", None, True],
    "optimizer": {"state": {0: {"step": 2.0}}, "param_groups": [{"betas": (0.9, 0.999)}]},
}


def test_nested_state_comes_back(tmp_path):
    path = tmp_path / "state.safetensors"
    weight = minitorch.arange(6).reshape(2, 3).T
    save_state({**STATE, "weight": weight}, path)
    loaded = load_state(path)
    np.testing.assert_array_equal(loaded.pop("weight").numpy(), weight.numpy())
    assert loaded == STATE


@pytest.mark.parametrize("keep", [0, 5, 60, -1])
def test_a_truncated_checkpoint_is_refused_by_name(tmp_path, keep):
    path = tmp_path / "state.safetensors"
    save_state({"weight": minitorch.ones(50)}, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match=r"state\.safetensors"):
        load_state(path)


def test_weights_are_no_checkpoint_to_resume_from(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save_best({"weight": minitorch.ones(2)}, {"epoch": 1})
    with pytest.raises(CheckpointError, match="not a checkpoint to resume from"):
        load_state(checkpoints.best)


def test_the_best_weights_are_a_plain_file_with_their_figures(tmp_path):
    checkpoints = Checkpoints(tmp_path / "new" / "folder")
    checkpoints.save_best({"weight": minitorch.ones(2)}, {"epoch": 1, "val/accuracy": 0.5})
    assert load_weights(checkpoints.best)["weight"].tolist() == [1.0, 1.0]
    metadata = minitorch.serialization.load_metadata(checkpoints.best)
    assert json.loads(metadata["figures"]) == {"epoch": 1, "val/accuracy": 0.5}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"cannot read .*nowhere"):
        load_state(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="cannot write"):
        Checkpoints(tmp_path / "file" / "folder").save_last({})

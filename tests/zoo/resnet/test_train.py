"""The command of the residual networks, and that their recipe works."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

import minitorch
from zoo.data import digits
from zoo.resnet import ResNet9, resnet18, resnet20
from zoo.resnet.data import network_sizes, whiten

SMALL = (
    "model=resnet20",
    "data.n_train=48",
    "data.batch_size=16",
    "data.eval_batch_size=16",
    "trainer.max_epochs=2",
    "trainer.limit_eval_batches=1",
    "trainer.keep_memory=false",
    "trainer.num_threads=1",
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command in this process, small: the exit code and the run folder."""
    from zoo.resnet.train import main

    monkeypatch.chdir(tmp_path)

    def go(*arguments, small=SMALL):
        code = 0
        try:
            main([*small, *arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        folders = sorted(path.parent.parent for path in tmp_path.glob("runs/**/.hydra/config.yaml"))
        return code, folders[-1] if folders else None

    return go


def tags_of(folder, kind):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0})
    events.Reload()
    return events.Tags()[kind]


def test_a_run_trains_and_shows_what_it_sees(run):
    code, folder = run("trainer.figures_every_epochs=1", "trainer.log_every_steps=1")
    assert code == 0
    result = json.loads((folder / "result.json").read_text())
    assert result["parameters"] == 269_722 - 2 * 9 * 16
    weights = minitorch.load(folder / "checkpoints" / "best.safetensors")
    resnet20(10, 1).load_state_dict(weights)
    images = tags_of(folder, "images")
    assert {"filters/conv1", "val/predictions", "val/mistakes", "val/confusion"} <= set(images)
    scalars = set(tags_of(folder, "scalars"))
    assert {"samples_per_second", "lr", "val_accuracy_of/7", "test_accuracy_of/0"} <= scalars


def test_an_interrupted_run_goes_on_to_the_same_weights(run):
    settings = (
        "trainer/average=lookahead",
        "data/augment=alternating",
        "trainer.tensorboard=false",
    )
    code, whole = run(*settings)
    assert code == 0
    code, broken = run(*settings, "trainer.max_steps=3")
    assert code == 0
    code, again = run(f"resume={broken}", "trainer.max_steps=null", small=())
    assert (code, again) == (0, broken)
    one = minitorch.load(whole / "checkpoints" / "best.safetensors")
    other = minitorch.load(broken / "checkpoints" / "best.safetensors")
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value.numpy(), other[name].numpy(), err_msg=name)


def test_images_of_ones_own(run, tmp_path):
    rng = np.random.default_rng(0)
    for name, level in (("dark", 40), ("light", 200)):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(10):
            pixels = rng.integers(level - 20, level + 20, (20, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{number}.png")
    small = ("trainer.num_threads=1", "trainer.keep_memory=false", "trainer.max_epochs=3")
    code, folder = run(
        "data=image_folder",
        f"data.root={tmp_path / 'pictures'}",
        "data.size=12",
        "data.batch_size=4",
        "data/augment=crop_flip_cutout",
        "model=resnet9",
        "model.widths=[8,8,8]",
        small=small,
    )
    assert code == 0
    result = json.loads((folder / "result.json").read_text())
    assert result["examples"] == {"train": 14, "val": 2, "test": 4}
    weights = minitorch.load(folder / "checkpoints" / "best.safetensors")
    assert weights["linear.weight"].shape == (2, 8)


@pytest.mark.parametrize(
    ("overrides", "code", "hint"),
    [
        (["data=image_folder", "data.root=nowhere"], 1, "cannot read the folder nowhere"),
        (["data=image_folder", "data.fit=stretch"], 2, "crop, squash"),
        (["model.stem=large"], 2, "stem"),
        (["data.flip=up"], 2, "flip must be one of"),
        (["data.augment.paddin=3"], 2, "did you mean data.augment.padding"),
        (["model=resnet21"], 2, "did you mean resnet"),
    ],
)
def test_a_mistake_is_one_sentence(run, capsys, overrides, code, hint):
    found, _ = run(*overrides, small=())
    shown = capsys.readouterr().err
    assert found == code
    assert hint in shown
    assert shown.count("\n") == 1


def test_missing_torchvision_is_one_sentence(run, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    code, _ = run("data=cifar10", small=())
    assert code == 1
    assert "make train-resnet" in capsys.readouterr().err


def test_the_whitening_layer_is_set_from_training_images():
    data = digits()
    data.prepare()
    model = ResNet9(**network_sizes(data), widths=(8, 8, 8))
    before = model.whitening.weight.detach().numpy().copy()
    whiten(model, data)
    assert not np.array_equal(model.whitening.weight.detach().numpy(), before)
    other = resnet20()
    state = {name: value.clone() for name, value in other.state_dict().items()}
    whiten(other, data)
    assert all((other.state_dict()[name] == state[name]).all().item() for name in state)


@pytest.mark.slow
@pytest.mark.long
def test_the_default_recipe_reaches_98_5_percent_on_the_test_set(run):
    code, folder = run("experiment=resnet_digits", small=("trainer.keep_memory=false",))
    assert code == 0
    result = json.loads((folder / "result.json").read_text())
    assert result["test"]["accuracy"] >= 0.985
    resnet18(10, 1, "cifar").load_state_dict(
        minitorch.load(folder / "checkpoints" / "best.safetensors")
    )


@pytest.mark.data
@pytest.mark.slow
def test_cifar_10_learns_from_files_on_disk(run, data_root):
    code, folder = run(
        "data=cifar10",
        "model=resnet9",
        "model.widths=[32,64,64]",
        f"data.root={data_root}",
        "data.n_train=6000",
        "data/augment=crop_flip",
        "trainer.max_epochs=3",
        "optimizer.lr=0.1",
        small=("trainer.keep_memory=false",),
    )
    assert code == 0
    assert json.loads((folder / "result.json").read_text())["test"]["accuracy"] > 0.4


def test_images_too_small_for_a_network_are_refused_before_they_are_read(run, capsys, monkeypatch):
    monkeypatch.setattr("zoo.data.Digits.load", lambda self: pytest.fail("data were read"))
    assert run("model=resnet9", small=())[0] == 2
    error = capsys.readouterr().err
    assert error.startswith("model=resnet9 cannot read images of 8x8 pixels, which data=digits has")
    assert error.count("\n") == 1

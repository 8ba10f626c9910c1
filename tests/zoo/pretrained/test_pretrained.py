"""Trained models: cards, hashes, predictions and fine-tuning."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

import minitorch
import zoo
from minitorch import nn
from zoo.data import digits
from zoo.pretrained import PretrainedError, table, transfer
from zoo.pretrained.cards import FOLDER, read_card, write_card
from zoo.pretrained.layouts import unwrapped
from zoo.pretrained.models import construct
from zoo.receipts import RECEIPTS
from zoo.training.evaluate import evaluate
from zoo.training.task import Classification


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The digits' model alone, in a folder of its own."""
    for kind, name in (("cards", "mlp_digits.yaml"), ("weights", "mlp_digits.safetensors")):
        (tmp_path / kind).mkdir()
        shutil.copy(FOLDER / kind / name, tmp_path / kind / name)
    return tmp_path


# ---------------------------------------------------------------------- what there is


def test_names() -> None:
    assert "mlp_digits" in zoo.list_models()
    assert zoo.list_models("mlp_digits") == ["mlp_digits"]
    assert zoo.list_models("*") == zoo.list_models() == sorted(zoo.list_models())
    assert zoo.list_models("nothing*") == []


@pytest.mark.parametrize("name", zoo.list_models())
def test_every_model_is_whole(name: str, tmp_path: Path) -> None:
    card = zoo.model_card(name)
    model = zoo.load(name)
    assert not model.training
    assert all(parameter.dtype == minitorch.float32 for parameter in model.parameters())
    assert sum(parameter.numel() for parameter in model.parameters()) == card.parameters
    assert (RECEIPTS / f"{card.training['recipe']}-{card.training['seed']}.json").is_file()
    assert card.weights["bytes"] == (FOLDER / "weights" / card.weights["file"]).stat().st_size
    written = write_card(card, tmp_path)
    assert read_card(written) == card
    assert written.read_text() == (FOLDER / "cards" / written.name).read_text()


def test_no_weights_lie_about_without_a_card() -> None:
    used = {zoo.model_card(name).weights["file"] for name in zoo.list_models()}
    assert {path.name for path in (FOLDER / "weights").glob("*.safetensors")} == used


def test_a_card_prints_as_a_page() -> None:
    text = repr(zoo.model_card("mlp_digits"))
    for part in ("zoo.mlp.MLP(", "17,226", "8x8 grey", "accuracy 0.98", "sha256", "MIT", "recipe"):
        assert part in text


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(PretrainedError, match="no model 'mlp_digit'; did you mean mlp_digits"):
        zoo.load("mlp_digit")


def test_the_published_table_is_what_the_cards_say() -> None:
    cards = [zoo.model_card(name) for name in zoo.list_models()]
    assert (FOLDER / "table.md").read_text() == table.markdown(cards), "run `make tables`"


# ---------------------------------------------------------------------- what is refused


def test_other_weights_than_the_card_was_written_for(folder: Path) -> None:
    path = folder / "weights" / "mlp_digits.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(PretrainedError, match=r"SHA-256 of .*mlp_digits\.safetensors is .*get"):
        zoo.load("mlp_digits", folder=folder)
    path.unlink()
    with pytest.raises(PretrainedError, match="cannot be read: No such file"):
        zoo.load("mlp_digits", folder=folder)


def changed(folder: Path, **changes: Any) -> None:
    path = folder / "cards" / "mlp_digits.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes))


@pytest.mark.parametrize(
    "model",
    [
        {"_target_": "os.system", "command": "true"},
        {"_target_": "zoo.training.receipt.write_whole", "path": "x", "text": "y"},
        {"_target_": "zoo.mlp._private"},
        {"_target_": "zoo.mlp.model.MLP"},
        {"_target_": None},
        {"_target_": ["zoo.mlp.MLP"]},
        {"_target_": "zoo.mlp.MLP", "_args_": [64, 10]},
        {"_target_": "zoo.mlp.MLP", "hidden": [{"a": {"_target_": "os.getpid"}}]},
    ],
)
def test_a_card_names_no_other_code(model: dict[str, Any], folder: Path) -> None:
    changed(folder, model=model)
    with pytest.raises(
        PretrainedError, match=r"mlp_digits\.yaml sets model\..*_(target|args)_="
    ) as e:
        zoo.load("mlp_digits", folder=folder)
    assert "which no file under conf/ does: it is not run" in str(e.value)


def test_a_card_of_something_that_is_no_model(folder: Path) -> None:
    changed(folder, model={"_target_": "zoo.data.Cutout", "size": 3})
    with pytest.raises(PretrainedError, match=r"mlp_digits.yaml: zoo.data.Cutout makes no model"):
        zoo.load("mlp_digits", folder=folder)
    changed(folder, model={"size": 3})
    with pytest.raises(PretrainedError, match=r"mlp_digits.yaml: None makes no model"):
        zoo.load("mlp_digits", folder=folder)


@pytest.mark.parametrize("key", ["data", "task"])
def test_other_parts_name_no_other_code(key: str) -> None:
    node = {"_target_": "zoo.data.digits", key: {"_target_": "zoo.training.receipt.write_whole"}}
    with pytest.raises(PretrainedError, match=rf"these settings set {key}\._target_=zoo\.training"):
        construct(node)


def test_weights_lie_beside_the_card(folder: Path) -> None:
    changed(folder, weights={"file": "../../etc/passwd", "sha256": ""})
    with pytest.raises(PretrainedError, match="must lie beside its card"):
        zoo.load("mlp_digits", folder=folder)


@pytest.mark.parametrize("text", ["- a", "a: b", "!!python/object:os.system {}", "{"])
def test_what_is_no_card(text: str, folder: Path) -> None:
    (folder / "cards" / "mlp_digits.yaml").write_text(text)
    with pytest.raises(PretrainedError, match="is not a model card"):
        zoo.model_card("mlp_digits", folder)


# ---------------------------------------------------------------------- predictions


def test_predictions_are_those_of_the_test(tmp_path: Path) -> None:
    """From arrays, from files, and from the data pipeline, the same."""
    data = digits()
    data.prepare()
    model, task = zoo.load("mlp_digits"), Classification(data.classes)
    accuracy = evaluate(model, task, data.test_batches()).values["accuracy"]
    assert accuracy == pytest.approx(zoo.model_card("mlp_digits").test["accuracy"], abs=1e-6)
    test = data.source.load().test
    predictions = zoo.predict("mlp_digits", test.images[:, 0])
    right = [p.label == str(label) for p, label in zip(predictions, test.labels, strict=True)]
    assert np.mean(right) == pytest.approx(accuracy)
    Image.fromarray(test.images[0, 0]).resize((64, 64), Image.Resampling.BOX).save(
        tmp_path / "d.png"
    )
    (from_file,) = zoo.predict("mlp_digits", [tmp_path / "d.png"])
    assert from_file.label == predictions[0].label
    Image.fromarray(255 - test.images[0, 0]).convert("RGB").save(tmp_path / "dark.png")
    (inverted,) = zoo.predict("mlp_digits", [str(tmp_path / "dark.png")], invert=True, model=model)
    assert inverted.probability == pytest.approx(predictions[0].probability, abs=1e-5)


def test_a_prediction() -> None:
    (prediction,) = zoo.predict("mlp_digits", np.zeros((1, 8, 8), np.uint8))
    shares = list(prediction.probabilities.values())
    assert sum(shares) == pytest.approx(1.0, abs=1e-5)
    assert shares == sorted(shares, reverse=True)
    assert prediction.probability == shares[0]
    assert len(shares) == 10
    assert zoo.predict("mlp_digits", []) == []


@pytest.mark.parametrize(
    ("image", "match"),
    [
        (np.zeros((8, 8)), "uint8"),
        (np.zeros((2, 8, 8), np.uint8), r"\(H, W, 3\), got \(2, 8, 8\)"),
        (Path(__file__), "test_pretrained.py: it is not an image"),
        (3, "int is no image"),
        ("nowhere.png", "nowhere.png: there is no such file"),
    ],
)
def test_what_is_no_image(image: Any, match: str) -> None:
    with pytest.raises(PretrainedError, match=match):
        zoo.predict("mlp_digits", [image])


# ---------------------------------------------------------------------- other people's dicts


def test_wrappers_and_prefixes() -> None:
    weights = {"fc.weight": minitorch.ones(2)}
    for content in (
        weights,
        {"module.fc.weight": weights["fc.weight"]},
        {"epoch": 3, "state_dict": weights},
        {"model": {"_orig_mod.module.fc.weight": weights["fc.weight"]}, "optimizer": {"lr": 1}},
    ):
        assert next(iter(unwrapped(content))).endswith("fc.weight")
    assert list(unwrapped({"net": {"module.fc.weight": weights["fc.weight"]}})) == ["fc.weight"]
    with pytest.raises(
        PretrainedError, match="no state dict is in the file, which holds epoch, lr"
    ):
        unwrapped({"epoch": 3, "lr": 0.1})


def test_what_fits_is_taken() -> None:
    old = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))
    new = nn.Sequential(nn.Linear(2, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))
    before = new[0].bias.detach().clone()
    result = transfer(new, {**old.state_dict(), "extra": minitorch.ones(1)})
    assert result.unused == ("extra",)
    assert result.new == {"0.weight": "(5, 2) here, (5, 4) there", "0.bias": "with its weight"}
    assert (new[2].weight == old[2].weight).all()
    assert (new[0].bias == before).all()


@pytest.mark.parametrize(("there", "here"), [(3, 1), (1, 3)])
def test_a_picture_without_colours_looks_the_same_in_grey(there: int, here: int) -> None:
    old, new = (nn.Conv2d(channels, 4, 3, groups=1) for channels in (there, here))
    result = transfer(new, old.state_dict())
    assert result.taken == ("weight", "bias")
    assert str(result) == f"2 tensors taken; weight fitted: from {there} to {here} channels"
    grey = minitorch.randn(2, 1, 5, 5)
    expected = old(grey.expand(2, there, 5, 5))
    assert (new(grey.expand(2, here, 5, 5)) - expected).abs().max() < 1e-5


def test_other_numbers_of_channels_start_anew() -> None:
    old = nn.Sequential(nn.Conv2d(3, 4, 1, bias=False), nn.Linear(4, 4), nn.Linear(4, 4))
    new = nn.Sequential(nn.Conv2d(4, 4, 1, bias=False), nn.Linear(4, 4), nn.Linear(4, 4))
    assert transfer(new, old.state_dict()).new == {
        "0.weight": "(4, 4, 1, 1) here, (4, 3, 1, 1) there"
    }


def test_another_network_is_refused() -> None:
    with pytest.raises(
        PretrainedError, match=r"of another network: 0 of 2 parameters fit \(weight"
    ):
        transfer(nn.Linear(2, 2), nn.Linear(3, 3).state_dict())


def test_constructors_nest() -> None:
    crop = {"_target_": "zoo.data.RandomCrop", "padding": 1, "padding_mode": "edge"}
    hole = {"_target_": "zoo.data.Cutout", "size": 2}
    both = {"_target_": "zoo.data.Compose", "transforms": [crop, hole]}
    data = construct({"_target_": "zoo.data.digits", "augment": both}, batch_size=4)
    assert data.batch_size == 4
    assert [type(each).__name__ for each in data.augment.transforms] == ["RandomCrop", "Cutout"]


def test_a_language_model_is_known_by_its_loss():
    card = zoo.model_card("gpt_shakespeare_char")
    assert card.reached() == f"loss {card.test['loss']:.3f} (validation)"  # nothing else held out
    assert zoo.model_card("mlp_digits").reached().endswith(" %")
    with pytest.raises(PretrainedError, match=r"python -m zoo\.transformer\.generate gpt_"):
        zoo.predict("gpt_shakespeare_char", ["ROMEO:"])


def test_one_input_needs_no_list() -> None:
    image = digits().source.load().test.images[0, 0]
    [alone] = zoo.predict("mlp_digits", image)
    [listed] = zoo.predict("mlp_digits", [image])
    assert alone == listed
    [text] = zoo.predict("cnn_sst2", "a good film")
    assert text.label in zoo.model_card("cnn_sst2").classes
    assert zoo.predict("mlp_digits", []) == []

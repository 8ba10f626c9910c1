"""``python -m zoo``, ``python -m zoo.receipts publish``, and training that starts from a model."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import minitorch
import zoo
from zoo.__main__ import main
from zoo.mlp import MLP
from zoo.pretrained.cards import model_card
from zoo.receipts import verify as verification
from zoo.receipts.publish import publish
from zoo.resnet import resnet20
from zoo.training.finetune import start_from
from zoo.training.receipt import read_result


def test_list_and_card(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "mlp_digits" in capsys.readouterr().out
    assert main(["list", "mlp_digit?", "--json"]) == 0
    assert [card["name"] for card in json.loads(capsys.readouterr().out)] == ["mlp_digits"]
    assert main(["card", "mlp_digits"]) == 0
    assert capsys.readouterr().out.strip() == model_card("mlp_digits").text()
    assert main(["card", "mlp_digits", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == 17226


def test_an_ascii_terminal_shows_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    terminal = io.TextIOWrapper(written, encoding="ascii")
    monkeypatch.setattr("sys.stdout", terminal)
    assert main(["card", "mlp_digits"]) == 0
    assert main(["card", "mlp_digits", "--json"]) == 0
    terminal.flush()
    text, brace, content = written.getvalue().decode("ascii").partition("{\n")
    assert re.search(r"over seeds: +accuracy [\d.]+ \? [\d.]+ %", text)
    assert json.loads(brace + content)["name"] == "mlp_digits"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    for word in ("list", "card", "verify", "predict", "export", "examples:"):
        assert word in text


def test_predict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "digit.png"
    Image.fromarray(np.zeros((20, 30), np.uint8)).save(path)
    assert main(["predict", "mlp_digits", str(path), "--top", "2"]) == 0
    assert re.search(r"digit.png: \d [\d.]+ %, \d [\d.]+ %$", capsys.readouterr().out.strip())
    assert main(["predict", "mlp_digits", str(path), str(path), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first == second
    assert first["label"] in first["probabilities"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["card", "nope"], "there is no model 'nope'"),
        (["card", "mlp_digit"], "did you mean mlp_digits"),
        (["list", "mlp_digit"], "no model has a name like 'mlp_digit'; there is mlp_digits"),
        (["predict", "mlp_digits", "nowhere.png"], "nowhere.png: there is no such file"),
        (["predict", "cnn_sst2", "nowhere.txt"], "cannot read nowhere.txt: No such file"),
        (["predict", "cnn_sst2", sys.executable], "is not UTF-8"),
        (["predict", "runs/nowhere", "x.png"], "there is no run folder runs/nowhere"),
        (["predict", "zoo", "x.png"], "zoo is not the folder of a run that has saved weights"),
        (["export", "mlp_digits", "--output", "nowhere/x.pth"], "there is no folder nowhere to"),
        (["export", "mlp_digits", "--output", "README.md/x.pth"], "there is no folder README.md"),
        (["export", "mlp_digits", "--output", "."], ". is a folder: name a file in it"),
        (["export", "mlp_digits", "--output", "m.xyz"], ".xyz is no format: end the name with"),
    ],
)
def test_what_cannot_be_done(
    arguments: list[str],
    text: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert text in error
    assert error.startswith("zoo: ")
    assert error.count("\n") == 1
    assert "Errno" not in error


@pytest.mark.parametrize("format", ["torch", "safetensors"])
def test_export(format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", "mlp_digits", "--format", format]) == 0
    (path,) = tmp_path.iterdir()
    weights, model = minitorch.load(path), zoo.load("mlp_digits")
    assert model.load_state_dict(weights).missing_keys == []
    assert all(tensor.dtype == minitorch.float32 for tensor in weights.values())
    if format == "safetensors":
        card = json.loads(minitorch.load_metadata(path)["card"])
        assert card["name"] == "mlp_digits"


@pytest.mark.parametrize(
    ("arguments", "format"),
    [
        (["w.pth"], "torch"),
        (["w.pt"], "torch"),
        (["w.bin"], "torch"),
        (["w.safetensors"], "safetensors"),
        (["w"], "safetensors"),
        (["w.pth", "--format", "safetensors"], "safetensors"),
    ],
)
def test_the_name_of_an_exported_file_says_its_format(
    arguments: list[str], format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", "mlp_digits", "--output", *arguments]) == 0
    is_archive = Path(arguments[0]).read_bytes()[:2] == b"PK"
    assert is_archive == (format == "torch")


def test_verify(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["verify", "mlp_digits", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["mlp_digits"]
    assert {row["figure"] for row in rows} >= {"test accuracy", "pixel mean", "receipt accuracy"}
    card = model_card("mlp_digits")
    lying = {**card.test, "accuracy": card.test["accuracy"] + 0.001}
    monkeypatch.setattr(
        verification, "model_card", lambda *_: type(card)(**{**card.as_dict(), "test": lying})
    )
    assert main(["verify", "mlp_digits"]) == 1
    assert "does not hold" in capsys.readouterr().out


@pytest.mark.data
def test_every_figure_is_what_comes_out(data_root: Path) -> None:
    """Of one model; `make verify`, which CI runs, is this for every model."""
    checks = verification.verify("mlp_mnist", str(data_root))
    assert len(checks) > 2
    assert [check for check in checks if not check.holds] == []


def test_verify_leaves_out_what_has_no_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any) -> None:
        raise zoo.data.DataError("data=mnist: point data.root at a folder, or read another text")

    monkeypatch.setattr(verification, "verify", missing)
    assert main(["verify", "mlp_digits", "mlp_mnist", "--skip-missing"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "mlp_digits: left out, data=mnist: point --data-root at a folder"
    assert lines[-1] == "0 of 2 verified, 2 left out"
    assert main(["verify", "mlp_digits"]) == 1
    assert capsys.readouterr().err == "zoo: data=mnist: point --data-root at a folder\n"


def test_verify_counts_at_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = {"mlp_digits": 0.9, "mlp_mnist": 0.8, "cnn_sst2": None}

    def measured(name: str, *_: Any) -> list[verification.Check]:
        if outcomes[name] is None:
            raise zoo.data.DataError("no data")
        return [verification.Check("test accuracy", 0.9, outcomes[name])]

    monkeypatch.setattr(verification, "verify", measured)
    assert main(["verify", *outcomes, "--skip-missing"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "1 of 3 verified, 1 not what the card says, 1 left out"
    assert main(["verify", "mlp_digits"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 of 1 verified"


def test_texts_are_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    from zoo.__main__ import _lines

    monkeypatch.setattr("sys.stdin", io.StringIO("a fine film\n\n  not so \n"))
    assert _lines("-") == ["a fine film", "not so"]


# ---------------------------------------------------------------------- publishing and fine-tuning

Train = Callable[..., tuple[int, Path | None]]
FAST = ("trainer.tensorboard=false", "data.n_train=60")


def test_a_run_is_published_used_and_continued(train: Train, tmp_path: Path) -> None:
    """The whole way: train, publish, load, predict, and train on from the weights."""
    code, run = train("tags=[mlp_digits]", "model.hidden=[32]", *FAST)
    assert code == 0
    assert run is not None
    folder = tmp_path / "models"
    card = publish(run, "mine", "A model of the test.", folder)
    receipt = read_result(run)
    assert receipt is not None
    assert card.training["test"]["accuracy"] == pytest.approx(receipt["test"]["accuracy"], abs=1e-6)
    assert card.weights["storage"] == "float16 matrices"
    assert zoo.list_models(folder=folder) == ["mine"]
    assert zoo.load("mine", folder).hidden[0].out_features == 32
    (prediction,) = zoo.predict("mine", np.zeros((1, 8, 8), np.uint8), folder=folder)
    assert prediction.label in "0123456789"
    result = {c.name: c for c in verification.verify("mine", folder=folder)}
    assert result["test accuracy"].holds
    assert not result["receipt accuracy"].holds  # the receipt of that seed is another run's

    receipt["test"]["accuracy"] += 0.01
    (run / "result.json").write_text(json.dumps(receipt))
    with pytest.raises(ValueError, match="they do not belong together"):
        publish(run, "other", "A lie.", folder)


def test_a_run_folder_predicts(
    train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As its model does on the pipeline's own batches; nothing of the folder is run."""
    _, run = train(*FAST)
    assert run is not None
    data = zoo.data.digits(n_train=60)
    data.prepare()
    images, _ = next(iter(data.test_batches()))
    model = MLP(64, 10)
    model.load_state_dict(minitorch.load(run / "checkpoints" / "best.safetensors"))
    expected = model.eval()(images).argmax(dim=1).tolist()
    pixels = data.source.load().test.images[:, 0]
    assert [int(p.label) for p in zoo.predict(run, pixels)] == expected
    Image.fromarray(pixels[0]).save(tmp_path / "d.png")
    assert main(["predict", str(run), str(tmp_path / "d.png"), "--top", "1"]) == 0
    assert f"d.png: {expected[0]} " in capsys.readouterr().out
    receipt = json.loads((run / "result.json").read_text())
    receipt["config"]["data"]["augment"] = {"_target_": "os.system", "command": "true"}
    (run / "result.json").write_text(json.dumps(receipt))
    assert main(["predict", str(run), str(tmp_path / "d.png")]) == 1
    assert "sets data.augment._target_=os.system" in capsys.readouterr().err


def test_a_run_folder_without_its_data(train: Train, tmp_path: Path) -> None:
    _, run = train(*FAST)
    assert run is not None
    receipt = json.loads((run / "result.json").read_text())
    node = {"_target_": "zoo.data.image_folder", "root": str(tmp_path / "nowhere")}
    receipt["config"]["data"] = node
    (run / "result.json").write_text(json.dumps(receipt))
    match = r"must be where they were then: .*cannot read the folder .*nowhere \(No such file"
    with pytest.raises(zoo.pretrained.PretrainedError, match=match) as caught:
        zoo.predict(run, np.zeros((8, 8), np.uint8))
    assert "data.root" not in str(caught.value)


def test_a_run_folder_that_is_damaged(train: Train, tmp_path: Path) -> None:
    _, run = train(*FAST)
    assert run is not None
    receipt, image = run / "result.json", np.zeros((8, 8), np.uint8)
    content = json.loads(receipt.read_text())
    content["config"]["model"]["hidden"] = [7]
    for text, match in (
        (json.dumps(content), "best.safetensors does not fit .*result.json: "),
        (json.dumps({**content, "zoo": "gpt"}), "writes text and has no classes"),
        (json.dumps({**content, "zoo": 3}), "describes no model of the zoo"),
        (json.dumps({**content, "zoo": "nope"}), "is of the architecture 'nope'"),
        ("[]", "is no receipt of a run"),
        ("{", "is no receipt of a run"),
    ):
        receipt.write_text(text)
        with pytest.raises(zoo.pretrained.PretrainedError, match=match):
            zoo.predict(run, image)


def test_a_run_of_texts_predicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zoo.transformer.train import main as train_texts

    monkeypatch.chdir(tmp_path)
    train_texts(
        [
            *("data.sentences=300", "model.num_layers=0", "model.d_model=16"),
            *("trainer.max_epochs=1", "trainer.tensorboard=false", "trainer.num_threads=1"),
            *("trainer.keep_memory=false", "hydra.run.dir=run"),
        ]
    )
    first, second = zoo.predict("run", ["a fine film", ""])
    assert set(first.probabilities) == set(second.probabilities) == {"positive", "negative"}


def weights_of(run: Path, name: str) -> np.ndarray:
    return minitorch.load(run / "checkpoints" / "last.safetensors")["learner"]["model"][
        name
    ].numpy()


def test_training_starts_from_a_model_by_name(train: Train) -> None:
    code, run = train("pretrained=mlp_digits", "finetune.backbone_lr=0", *FAST)
    assert code == 0
    assert run is not None
    trained = zoo.load("mlp_digits").state_dict()
    for name, tensor in trained.items():
        np.testing.assert_array_equal(weights_of(run, name), tensor.numpy())
    assert "pretrained=mlp_digits: 6 tensors taken" in (run / "train.log").read_text()
    receipt = read_result(run)
    assert receipt is not None
    assert receipt["config"]["pretrained"] == "mlp_digits"


def test_a_classifier_of_other_classes_starts_anew() -> None:
    """There are ten of either, but a seven is no frog; and what saw colours sees grey."""
    model = resnet20(10, in_channels=1)
    before = model.linear.weight.detach().clone()
    result = start_from(model, "resnet20_cifar10", [str(digit) for digit in range(10)])
    assert result.new == {"linear.weight": "other classes", "linear.bias": "other classes"}
    assert result.adapted == {"conv1.weight": "from 3 to 1 channels"}
    assert (model.linear.weight == before).all()
    card = zoo.model_card("resnet20_cifar10")
    assert start_from(resnet20(10), card.name, card.classes).new == {}


def test_what_is_new_learns_while_the_rest_waits(train: Train, tmp_path: Path) -> None:
    """From a file whose classifier has other classes, as torch would have saved it."""
    path = tmp_path / "old.pth"
    weights = dict(zoo.load("mlp_digits").state_dict())
    weights["output.weight"], weights["output.bias"] = minitorch.ones(3, 64), minitorch.ones(3)
    wrapped = {"state_dict": {f"module.{name}": tensor for name, tensor in weights.items()}}
    minitorch.save(wrapped, path, format="torch")
    settings = [*FAST, f"pretrained={path}", "model.hidden=[128,64]", "model.dropout=0"]
    code, run = train(*settings, "finetune.freeze_epochs=1", "trainer.max_epochs=1")
    assert code == 0
    assert run is not None
    frozen = weights_of(run, "hidden.0.weight")
    np.testing.assert_array_equal(frozen, weights["hidden.0.weight"].numpy())
    log = (run / "train.log").read_text()
    assert "4 tensors taken; output.weight starts anew: (10, 64) here, (3, 64) there" in log
    code, run = train(*settings, "finetune.freeze_epochs=1", "trainer.max_epochs=2")
    assert code == 0
    assert run is not None
    assert (weights_of(run, "hidden.0.weight") != frozen).any()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("pretrained=nothing",), "pretrained=nothing: neither a trained model ("),
        (("pretrained=mlp_digit",), "neither a trained model (mlp_digits or mlp_mnist) nor"),
        (("pretrained=cnn_sst2",), "is a model of zoo=transformer, and this is zoo=mlp"),
        (("pretrained=mlp_digits", "model.hidden=[7,7,7]"), "of another network"),
        (("pretrained=mlp_digits", "finetune.backbone_lr=-1"), "must not be negative"),
        (("pretrained=mlp_digits", "finetune.freeze_epochs=1"), "nothing would learn"),
        (("finetune.freeze_epochs=1",), "finetune says how trained weights learn: give pretrained"),
    ],
)
def test_what_cannot_be_started_from(
    train: Train, arguments: tuple[str, ...], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = train(*FAST, *arguments)
    assert code == 2
    assert text in capsys.readouterr().err


def test_a_sweep_from_the_start_and_from_trained_weights(train: Train, tmp_path: Path) -> None:
    code, _ = train(*FAST, "--multirun", "pretrained=null,mlp_digits", "hydra.sweep.dir=sweep")
    assert code == 0
    results = [
        json.loads(path.read_text()) for path in sorted(tmp_path.glob("sweep/*/result.json"))
    ]
    assert [result["config"]["pretrained"] for result in results] == [None, "mlp_digits"]
    assert results[0]["config"]["model"] == results[1]["config"]["model"]
    assert results[0]["metric"] < results[1]["metric"]


def test_a_run_of_other_classes_keeps_its_classifier_to_itself(train: Train) -> None:
    _, run = train(*FAST)
    assert run is not None
    model = MLP(64, 10)
    path = run / "checkpoints" / "best.safetensors"
    digits = [str(digit) for digit in range(10)]
    assert start_from(model, str(run), digits).new == {}
    assert start_from(model, str(path), digits).new == {}
    new = start_from(model, str(path), digits[::-1]).new
    assert new == {"output.weight": "other classes", "output.bias": "other classes"}

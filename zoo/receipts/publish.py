"""From a finished run to a trained model: its card and its weights."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import minitorch
from minitorch import Tensor
from zoo.pretrained.architectures import sizes_of
from zoo.pretrained.cards import FOLDER, Card, write_card
from zoo.pretrained.models import construct
from zoo.receipts.files import RECEIPTS, Receipt, kept
from zoo.receipts.table import machine
from zoo.training.checkpoint import Checkpoints, load_weights
from zoo.training.evaluate import evaluate
from zoo.training.receipt import FINISHED, read_result

# Settings of a data pipeline that change nothing about its test set or its preprocessing.
_OF_TRAINING = (
    "augment",
    "batch_size",
    "drop_last",
    "flip",
    "mixup",
    "num_workers",
    "overfit_batches",
    "root",
)
MOST_COST = 0.0005  # of accuracy, for weights of half the size


def publish(run: Path, name: str, description: str, folder: Path = FOLDER) -> Card:
    """Make a trained model of a finished run: test it again, store its weights, write its card.

    The matrices are stored as float16, unless that costs more than 0.05 % of test accuracy.

    Args:
        run: the run folder, with its receipt and its best checkpoint.
        name: what the model will be called by.
        description: one sentence.
        folder: where the cards and weights are.

    Raises:
        ValueError: the run is not finished, follows no recipe, or its weights do not reach the
            figures of its receipt.
        DataError: its data are not at hand.
    """
    receipt = read_result(run)
    if receipt is None or receipt.get("status") != FINISHED or len(receipt["tags"]) != 1:
        raise ValueError(f"{run}: no finished run of a recipe (with one tag) is there")
    config = receipt["config"]
    data = construct(_at_hand(config["data"]))
    data.prepare()
    node = {**config["model"], **sizes_of(receipt["zoo"], data)}
    task_node = {key: value for key, value in config["task"].items() if key != "classes"}
    task = construct(task_node, classes=list(data.classes))
    model = construct(node)
    whole = load_weights(Checkpoints(run / "checkpoints").best)

    def tested(weights: Mapping[str, Tensor]) -> dict[str, float]:
        model.load_state_dict(weights)
        return evaluate(model, task, data.test_batches()).values

    reached = tested(whole)
    _check_receipt(run, reached, receipt)
    halved = halve(whole)
    figures = tested(halved)
    loss = reached.get("accuracy", 0.0) - figures.get("accuracy", 0.0)
    small = loss <= MOST_COST
    stored, storage = (halved, "float16 matrices") if small else (whole, "float32")
    path = folder / "weights" / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    minitorch.save(stored, path)
    card = Card(
        name=name,
        description=description,
        zoo=receipt["zoo"],
        model=node,
        classes=list(data.classes) if hasattr(task, "classes") else [],
        preprocessing=_preprocessing(data, name, folder),
        weights={
            "file": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
            "storage": storage,
        },
        data={k: v for k, v in config["data"].items() if k not in _OF_TRAINING},
        task=task_node,
        test=_rounded(figures if small else reached),
        training=_training(receipt, run),
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        licence="MIT",
    )
    card = with_seeds(card)
    write_card(card, folder)
    return card


def halve(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights with all matrices and kernels as float16; vectors stay as they are.

    Example:
        >>> from minitorch import nn
        >>> halved = halve(nn.Linear(3, 2).state_dict())
        >>> halved["weight"].dtype, halved["bias"].dtype
        (minitorch.float16, minitorch.float32)
    """
    return {
        name: tensor.half() if tensor.dim() > 1 and tensor.is_floating_point() else tensor
        for name, tensor in weights.items()
    }


def data_root(node: Mapping[str, Any]) -> dict[str, str]:
    """Return where to look for real data sets: MINITORCH_DATA, or ``data``; nothing for others."""
    target = str(node["_target_"]).rpartition(".")[2]
    named = ("cifar10", "cifar100", "fashion_mnist", "mnist", "rt_polarity", "shakespeare", "sst2")
    return {"root": os.environ.get("MINITORCH_DATA", "data")} if target in named else {}


def _at_hand(node: Mapping[str, Any]) -> dict[str, Any]:
    """The data pipeline of a run, with the data where they are now."""
    kept_keys = {k: v for k, v in node.items() if k == "root" or k not in _OF_TRAINING}
    return kept_keys | (data_root(node) if "MINITORCH_DATA" in os.environ else {})


def _check_receipt(run: Path, reached: Mapping[str, float], receipt: Receipt) -> None:
    for name, value in receipt["test"].items():
        if name in reached and abs(reached[name] - value) > 1e-4 * max(1.0, abs(value)):
            raise ValueError(
                f"{run}: the weights reach a test {name} of {reached[name]:.4f}, but its receipt "
                f"says {value:.4f}: they do not belong together"
            )


def _preprocessing(data: Any, name: str, folder: Path) -> dict[str, Any]:
    """How an image or a text becomes an input; a vocabulary goes beside the weights."""
    how = dict(data.preprocessing)
    if how["kind"] == "image":
        return how
    file = f"{name}.tokenizer.json"
    data.tokenizer.save(folder / "weights" / file)
    return {"kind": how["kind"], "tokenizer": file, **how}


def _training(receipt: Receipt, run: Path) -> dict[str, Any]:
    environment = receipt["environment"]
    return {
        "model": _choice(run, receipt),
        "model_keys": [key for key in receipt["config"]["model"] if key != "_target_"],
        "recipe": receipt["tags"][0],
        "seed": receipt["seed"],
        "epochs": receipt["epochs"],
        "seconds": round(receipt["seconds"], 1),
        "machine": machine(receipt),
        "minitorch": environment["minitorch"],
        "test": _rounded(receipt["test"]),
    }


def _choice(run: Path, receipt: Receipt) -> str:
    """The file of ``conf/model`` that the run was made with."""
    import yaml

    try:
        recorded = yaml.safe_load((run / ".hydra" / "hydra.yaml").read_text(encoding="utf-8"))
        return str(recorded["hydra"]["runtime"]["choices"]["model"])
    except (OSError, KeyError, TypeError):
        return str(receipt["zoo"])


def with_seeds(card: Card) -> Card:
    """Return the card with the figure of every filed run of its recipe."""
    runs = kept(RECEIPTS).get(card.training["recipe"], [])
    figures = {
        int(run["seed"]): round(run["test"][card.figure], 6)
        for run in runs
        if card.figure in run["test"]
    }
    return replace(card, seeds=figures)


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in figures.items()}

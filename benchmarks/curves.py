"""``python -m benchmarks.curves``: train one recipe here and in PyTorch, and draw both curves.

All networks begin with the same weights and see the same batches at the same rates, step by step in
turn; what differs is who computes. PyTorch does it twice, with the channels of an image last in
memory, which is faster, and first: the same sums in another order, so that the two show how far
rounding alone moves a result. It needs an environment with torch, torchvision and the zoo
(``make venv-vision``). Overrides follow Hydra's grammar:

    python -m benchmarks.curves data.root=../shared/data --seeds 0 1 2

Each seed is added to the results on file, of which the table and the figure are made; without seeds
they are only made anew. ``--only TEXT`` trains the contenders with that text in their name and
keeps what the others have on file.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hydra import compose, initialize_config_module
from omegaconf import DictConfig

import minitorch
from benchmarks import machine
from benchmarks.contenders import THREADS
from benchmarks.twins import copy_weights, torch_twin
from minitorch import kernels
from zoo.resnet.data import network_sizes
from zoo.training import schema
from zoo.training.build import Parts, build

FORMATS = {"PyTorch": torch.channels_last, "PyTorch, channels first": torch.contiguous_format}
CONTENDERS = ("minitorch", *FORMATS)
RECIPE = "resnet18_cifar10_2000"
RESULTS = Path(__file__).parent / "results" / f"{RECIPE}.json"


class Ours:
    """The recipe as the zoo runs it."""

    def __init__(self, parts: Parts) -> None:
        self.model = parts.learner.model
        self.optimizer = parts.learner.optimizer
        self.scheduler = parts.learner.scheduler
        self.by_step = parts.trainer.scheduler_interval == "step"
        task: Any = parts.learner.task
        self.loss = task.criterion

    def step(self, images: Any, labels: Any) -> float:
        """Train on a batch; returns its loss."""
        self.model.train()
        self.optimizer.zero_grad()
        loss = self.loss(self.model(images), labels)
        loss.backward()
        self.optimizer.step()
        return float(loss.item())

    def move(self, now: bool) -> None:
        """Move the schedule."""
        if now and self.scheduler is not None:
            self.scheduler.step()

    def correct(self, images: Any, labels: Any) -> int:
        """How many images of a batch are recognised."""
        self.model.eval()
        with minitorch.inference_mode():
            return int((self.model(images).argmax(1) == labels).sum().item())


class Theirs:
    """The same in PyTorch, in one of its memory formats; the rates are read off ours."""

    def __init__(
        self, ours: Ours, cfg: DictConfig, sizes: dict[str, int], memory_format: Any
    ) -> None:
        name = str(cfg.model._target_).rpartition(".")[2]
        settings = {key: value for key, value in cfg.model.items() if key != "_target_"}
        defined_in = ours.model.__class__.__module__
        self.model = getattr(torch_twin(defined_in), name)(**settings, **sizes)
        copy_weights(ours.model, self.model)
        self.model.to(memory_format=memory_format)
        self.memory_format = memory_format
        chosen = {key: value for key, value in cfg.optimizer.items() if not key.startswith("_")}
        kind = str(cfg.optimizer._target_).rpartition(".")[2]
        self.optimizer = getattr(torch.optim, kind)(self.model.parameters(), **chosen)
        self.ours = ours
        self.loss = torch.nn.CrossEntropyLoss(label_smoothing=cfg.task.label_smoothing)

    def step(self, images: Any, labels: Any) -> float:
        """Train on a batch at the rate that our optimizer has now; returns its loss."""
        for group, other in zip(
            self.optimizer.param_groups, self.ours.optimizer.param_groups, strict=True
        ):
            group["lr"] = other["lr"]
        self.model.train()
        self.optimizer.zero_grad()
        loss = self.loss(self.model(self.images(images)), self.tensor(labels))
        loss.backward()
        self.optimizer.step()
        return float(loss.item())

    def correct(self, images: Any, labels: Any) -> int:
        """How many images of a batch are recognised."""
        self.model.eval()
        with torch.inference_mode():
            scores = self.model(self.images(images))
            return int((scores.argmax(1) == self.tensor(labels)).sum())

    def images(self, value: Any) -> Any:
        """Images of ours in the network's memory format."""
        return self.tensor(value).contiguous(memory_format=self.memory_format)

    @staticmethod
    def tensor(value: Any) -> Any:
        """A tensor of ours as one of torch, without a copy."""
        return torch.from_numpy(value.numpy())


def run(overrides: list[str], seed: int, names: list[str]) -> dict[str, Any]:
    """Train the contenders of these names; returns their curves, accuracies and times."""
    with initialize_config_module("conf", version_base="1.3"):
        cfg = compose("resnet", [f"experiment={RECIPE}", *overrides, f"seed={seed}"])
    parts = build(cfg)
    data: Any = parts.data
    data.prepare()
    batches = data.train_batches(seed)
    parts.finish(len(batches))
    ours = Ours(parts)
    sizes = dict(network_sizes(data))
    present: dict[str, Ours | Theirs] = {
        name: Theirs(ours, cfg, sizes, FORMATS[name]) if name in FORMATS else ours for name in names
    }
    result: dict[str, Any] = {name: {"loss": [], "val": [], "seconds": 0.0} for name in names}
    for epoch in range(parts.trainer.max_epochs):
        batches.set_epoch(epoch)
        losses: dict[str, list[float]] = {name: [] for name in names}
        for images, labels in batches:
            for name, one in present.items():
                start = time.perf_counter()
                losses[name].append(one.step(images, labels))
                result[name]["seconds"] += time.perf_counter() - start
            ours.move(ours.by_step)
        ours.move(not ours.by_step)
        for name, one in present.items():
            result[name]["loss"].append(float(np.mean(losses[name])))
            result[name]["val"].append(accuracy(one, data.val_batches()))
        print(f"seed {seed}, epoch {epoch + 1}: {summary(result)}", flush=True)
    for name, one in present.items():
        result[name]["test"] = accuracy(one, data.test_batches())
    return result | {"seed": seed}


def accuracy(one: Ours | Theirs, batches: Any) -> float:
    """The share of recognised images."""
    counts = [(one.correct(images, labels), len(labels)) for images, labels in batches]
    right, total = np.sum(counts, axis=0)
    return float(right / total)


def summary(result: dict[str, Any]) -> str:
    """The last figures of both on one line."""
    return "; ".join(
        f"{name} loss {one['loss'][-1]:.4f}, val {one['val'][-1]:.2%}, {one['seconds']:.0f} s"
        for name, one in result.items()
    )


def draw(results: list[dict[str, Any]], path: Path) -> None:
    """Write the figure: training loss and validation accuracy, one colour a library."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), dpi=110, layout="constrained")
    left, right = figure.subplots(1, 2)
    for index, name in enumerate(CONTENDERS):
        of_seeds = [result[name] for result in results if name in result]
        if not of_seeds:
            continue
        test = 100 * np.mean([one["test"] for one in of_seeds])
        for axes, key, scale in ((left, "loss", 1), (right, "val", 100)):
            curves = scale * np.array([one[key] for one in of_seeds])
            epochs = np.arange(1, curves.shape[1] + 1)
            for curve in curves:
                axes.plot(epochs, curve, color=f"C{index}", linewidth=0.7, alpha=0.4)
            label = f"{name}: test {test:.2f} %"
            style = ("-", "--", ":")[index]
            axes.plot(epochs, curves.mean(0), style, color=f"C{index}", linewidth=1.8, label=label)
    left.set(xlabel="epoch", title="training loss", yscale="log")
    right.set(xlabel="epoch", title="validation accuracy, %")
    for axes in (left, right):
        axes.grid(alpha=0.3, which="both")
    right.legend(frameon=False, loc="lower right")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def table(results: list[dict[str, Any]], version: str) -> str:
    """The test accuracies as a table: a row a seed, and the mean of the seeds that all have."""
    names = [name for name in CONTENDERS if any(name in result for result in results)]
    titles = [name.replace("PyTorch", f"PyTorch {version}") for name in names]
    lines = [f"| seed | {' | '.join(titles)} |", "| ---: |" + " ---: |" * len(titles)]
    rows = {
        str(result["seed"]): [result.get(name, {}).get("test") for name in names]
        for result in results
    }
    whole = [row for row in rows.values() if None not in row]
    if whole:
        rows[f"mean of {len(whole)}"] = list(np.mean(whole, axis=0))
    for title, row in rows.items():
        cells = ["n/a" if share is None else f"{100 * share:.2f} %" for share in row]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def on_file(path: Path, overrides: list[str]) -> list[dict[str, Any]]:
    """The results that are on file, which must be of the same settings."""
    if not path.is_file():
        return []
    record = json.loads(path.read_text(encoding="utf-8"))
    if record["overrides"] != overrides:
        raise SystemExit(
            f"{path} holds runs with the overrides {record['overrides']}: choose another --json"
        )
    return list(record["runs"])


def main() -> None:
    """Train, draw, and say what came out."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.curves",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("overrides", nargs="*", help="key=value, as for python -m zoo.resnet.train")
    parser.add_argument("--seeds", nargs="*", type=int, default=[0])
    parser.add_argument(
        "--only", metavar="TEXT", default="", help=f"some of: {'; '.join(CONTENDERS)}"
    )
    parser.add_argument("--figure", type=Path, default=Path("docs") / f"{RECIPE}.png")
    parser.add_argument("--json", type=Path, default=RESULTS, help="the results on file")
    arguments = parser.parse_args()
    names = [name for name in CONTENDERS if arguments.only in name]
    if not names:
        parser.error(f"nobody is called like {arguments.only!r}: {'; '.join(CONTENDERS)}")
    # Whoever trains PyTorch alone moves the schedule of an optimizer that does nothing.
    warnings.filterwarnings("ignore", "Detected call of `lr_scheduler.step", UserWarning)
    schema.register()
    kernels.keep_memory()
    minitorch.set_num_threads(THREADS)
    torch.set_num_threads(THREADS)
    overrides = [text for text in arguments.overrides if not text.startswith("data.root=")]
    results = {result["seed"]: result for result in on_file(arguments.json, overrides)}
    for seed in arguments.seeds:
        results[seed] = results.get(seed, {}) | run(arguments.overrides, seed, names)
        runs = [results[known] for known in sorted(results)]
        record = {
            "machine": machine.state(),
            "torch": torch.__version__.partition("+")[0],
            "overrides": overrides,
            "runs": runs,
        }
        arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if not results:
        raise SystemExit(f"{arguments.json} holds no results, and no seed was asked for")
    record = json.loads(arguments.json.read_text(encoding="utf-8"))
    text = table(record["runs"], record["torch"])
    arguments.json.with_suffix(".md").write_text(text, encoding="utf-8")
    draw(record["runs"], arguments.figure)
    print(text, end="")
    print(f"figure: {arguments.figure}")


if __name__ == "__main__":
    main()

"""Compare the seven optimizers: ``python -m zoo.mlp.compare key=value ...``.

One Hydra multirun trains the same network on the same examples with each of them, in parallel
processes; then one figure and one table are written to the sweep folder. ``seed=0,1,2`` compares
means.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from zoo.mlp.train import main as train
from zoo.training.console import console, figure
from zoo.training.interpreter import curves
from zoo.training.overrides import key_of, value_of
from zoo.training.receipt import FINISHED
from zoo.training.sweep import given_in, read_jobs

Runs = Mapping[str, Sequence[Mapping[str, Any]]]
COLUMNS = ("optimizer", "rate", "train loss", "val accuracy", "test accuracy", "seconds")
SHORT = 5  # so few points need markers to be seen, and one is no line at all


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the comparison; ``arguments`` are overrides, by default those of the command line."""
    overrides = list(sys.argv[1:] if arguments is None else arguments)
    folder = _sweep_folder(overrides)
    code = 0
    try:
        train(
            [
                "experiment=compare_optimizers",
                "~hydra.callbacks.sweep_report",
                *overrides,
                f"hydra.sweep.dir={folder}",
            ]
        )
    except SystemExit as end:
        code = int(end.code or 0)
        if code == 2 or code > 128 or not folder.is_dir():  # impossible, or stopped
            raise
    code = max(code, report(folder))
    if code:
        raise SystemExit(code)


def report(folder: Path) -> int:
    """Draw and tabulate the finished jobs of a sweep folder; returns the exit code."""
    jobs = read_jobs(folder)
    failed = [job for job in jobs if job["status"] != FINISHED]
    for job in failed:
        console.print(f"{job['name']} {job['status']}: {job['error']}", markup=False)
    runs = _by_optimizer(jobs)
    if runs:
        draw(runs, folder / "comparison.png")
        rows = sorted(
            (_row(name, results) for name, results in runs.items()), key=lambda row: row[3]
        )
        rows.reverse()
        (folder / "comparison.md").write_text(_markdown(rows), encoding="utf-8")
        _print(rows)
        console.print(f"figure:  {folder / 'comparison.png'}", markup=False)
        console.print(f"table:   {folder / 'comparison.md'}", markup=False)
    console.print(f"curves:  {curves(folder)}", markup=False)
    return 1 if failed or not runs else 0


def draw(runs: Runs, path: Path) -> None:
    """Write the figure: training loss and validation accuracy after each epoch."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    drawing = Figure(figsize=(11, 4.2), dpi=120, layout="constrained")
    left, right = drawing.subplots(1, 2)
    for name, results in runs.items():
        for axes, key in ((left, "train/loss"), (right, "val/accuracy")):
            epochs, means = _curve(results, key)
            marker = "o" if len(epochs) <= SHORT else ""
            axes.plot(epochs, means, label=name, linewidth=1.6, marker=marker)
    left.set(xlabel="epoch", ylabel="training loss", yscale="log")
    right.set(xlabel="epoch", ylabel="validation accuracy")
    low = min(float(_curve(results, "val/accuracy")[1].max()) for results in runs.values())
    right.set_ylim(max(0.0, low - 0.1), 1.0)
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    right.legend(loc="lower right")
    drawing.savefig(path)


def _curve(results: Sequence[Mapping[str, Any]], key: str) -> tuple[Any, Any]:
    """The epochs after which all runs have measured a figure, and its mean over the runs."""
    measured = [{e["epoch"]: e[key] for e in result["history"] if key in e} for result in results]
    epochs = sorted(set.intersection(*map(set, measured)))
    return epochs, np.mean([[values[epoch] for epoch in epochs] for values in measured], axis=0)


def _row(name: str, results: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    """Means over the runs of one optimizer."""
    return (
        name,
        results[0]["config"]["optimizer"]["lr"],
        float(np.mean([result["history"][-1]["train/loss"] for result in results])),
        float(np.mean([result["metric"] for result in results])),
        float(np.mean([result["test"]["accuracy"] for result in results])),
        float(np.mean([result["seconds"] for result in results])),
    )


def _cells(row: tuple[Any, ...]) -> list[str]:
    """A row as people read it.

    Example::

        >>> _cells(("sgd", 0.1, 1.14, 0.9028, 0.9, 2.0))
        ['sgd', '0.1', '1.1400', '90.28 %', '90.00 %', '2.0']
    """
    name, rate, loss, val, test, seconds = row
    shares = (figure("accuracy", share) for share in (val, test))
    return [name, f"{rate:g}", figure("loss", loss), *shares, f"{seconds:.1f}"]


def _markdown(rows: Sequence[tuple[Any, ...]]) -> str:
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(_cells(row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _print(rows: Sequence[tuple[Any, ...]]) -> None:
    table = Table(title="optimizers, the best on the validation split first", title_justify="left")
    for column in COLUMNS:
        table.add_column(column)
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table, soft_wrap=False)


def _by_optimizer(jobs: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The receipts of the finished jobs, by the name of their file in ``conf/optimizer``."""
    runs: dict[str, list[Mapping[str, Any]]] = {}
    for job in sorted(jobs, key=lambda job: str(job["name"])):
        if job["status"] == FINISHED:
            runs.setdefault(given_in(job).get("optimizer", "?"), []).append(job["result"])
    return runs


def _sweep_folder(overrides: list[str]) -> Path:
    """The folder given with ``hydra.sweep.dir``, which is taken out of the list, or a new one."""
    for text in overrides:
        if key_of(text) == "hydra.sweep.dir":
            overrides.remove(text)
            return Path(value_of(text))
    return Path("runs/mlp/compare_optimizers") / datetime.now().strftime("%Y-%m-%d/%H-%M-%S-%f")


if __name__ == "__main__":
    main()

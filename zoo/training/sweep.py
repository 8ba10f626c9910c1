"""The end of a sweep: one table of its jobs, the best first, and the names of those that failed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf
from rich.table import Table

from zoo.training import receipt
from zoo.training.console import console, figure
from zoo.training.interpreter import curves
from zoo.training.overrides import key_of, value_of
from zoo.training.sweep_stop import how_to_go_on

_NOT_AGAIN = (*receipt.ENDED, receipt.NOT_RUN)  # the same command would change nothing


class SweepReport(Callback):
    """A Hydra callback: the table of a sweep, and exit code 1 if a job failed."""

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Print the table."""
        folder = Path(config.hydra.sweep.dir)
        jobs = read_jobs(folder)
        print_jobs(jobs)
        console.print(f"sweep folder:  {folder}", markup=False)
        if jobs and jobs[0]["status"] == receipt.FINISHED:
            console.print(f"best job:      {folder / jobs[0]['name']}", markup=False)
        console.print(f"curves:        {curves(folder)}", markup=False)
        failed = [job for job in jobs if job["status"] != receipt.FINISHED]
        if failed:
            for job in failed:
                console.print(f"{job['name']} {job['status']}: {job['error']}", markup=False)
            goes_on = any(job["status"] not in _NOT_AGAIN for job in failed)
            again = f"; {how_to_go_on(config)}" if goes_on else ""
            console.print(f"{len(failed)} of {len(jobs)} jobs did not finish{again}", markup=False)
            raise SystemExit(1)


def read_jobs(folder: Path | str) -> list[dict[str, Any]]:
    """The jobs of a sweep folder with their receipts, the best first, unfinished ones last."""
    jobs = []
    names = [path.parent.parent.name for path in Path(folder).glob("*/.hydra/overrides.yaml")]
    for number, name in _numbered(names):
        job = Path(folder) / name
        result = receipt.read_result(job) or {}
        refusal = receipt.read_refusal(job)
        status = result.get("status", receipt.FAILED)
        jobs.append(
            {
                "name": name,
                "number": number,
                "overrides": OmegaConf.to_container(
                    OmegaConf.load(job / ".hydra" / "overrides.yaml")
                ),
                "status": status if refusal is None else receipt.NOT_RUN,
                "error": refusal or result.get("error", "ended without a receipt; see train.log"),
                "monitor": result.get("monitor") or "",
                "metric": result.get("metric"),
                "mode": result.get("mode", "max"),
                "result": result,
            }
        )
    return sorted(jobs, key=_rank)


def _numbered(names: list[str]) -> list[tuple[int, str]]:
    """The numbers with which the names begin; if they are not unique, the places in their order.

    The names of a search begin with the time.

    Example::

        >>> _numbered(["10_lr=1", "2_lr=3"])
        [(2, '2_lr=3'), (10, '10_lr=1')]
        >>> _numbered(["2026-11-29_15-40-03_1", "2026-11-29_15-39-49_0"])
        [(0, '2026-11-29_15-39-49_0'), (1, '2026-11-29_15-40-03_1')]
    """
    heads = [name.partition("_")[0] for name in names]
    if all(head.isdigit() for head in heads):
        given = sorted((int(head), name) for head, name in zip(heads, names, strict=True))
        if len(set(heads)) == len(heads):
            return given
        return list(enumerate(name for _, name in given))
    return list(enumerate(sorted(names)))


def _rank(job: dict[str, Any]) -> tuple[bool, float, int]:
    """Finished jobs first, by their metric; then by their number."""
    finished = job["status"] == receipt.FINISHED
    sign = -1.0 if job["mode"] == "max" else 1.0
    measured = finished and job["metric"] is not None
    return not finished, sign * job["metric"] if measured else 0.0, job["number"]


def given_in(job: Mapping[str, Any]) -> dict[str, str]:
    """What the overrides of a job set, by their keys."""
    return {key_of(text): value_of(text) for text in job["overrides"]}


def print_jobs(jobs: list[dict[str, Any]]) -> None:
    """Print one line a job: what distinguishes it, its metric, the test figures and the time."""
    if not jobs:
        console.print("the sweep folder holds no jobs")
        return
    varying = _varying(jobs)
    monitor = next((job["monitor"] for job in jobs if job["monitor"]), "metric")
    own = ["job", monitor.replace("/", " "), "test accuracy", "seconds", "status"]
    if all(job["status"] == receipt.FINISHED for job in jobs):
        own.remove("status")
    table = Table(title="jobs, the best first", title_justify="left")
    for heading in (own[0], *_headings(varying, own), *own[1:]):
        table.add_column(heading, overflow="fold")
    for job in jobs:
        given = given_in(job)
        values = (_shortened(given.get(key, "")) for key in varying)
        cells = [str(job["number"]), *values, *_figures(job, monitor), job["status"]]
        table.add_row(*cells[: len(table.columns)])
    if console.measure(table, options=console.options.update_width(1000)).maximum > console.width:
        for column in table.columns:
            column.header = str(column.header).replace(" ", "\n")
    console.print(table, soft_wrap=False)


def _figures(job: dict[str, Any], monitor: str) -> tuple[str, str, str]:
    """The metric, the test accuracy and the seconds of a job; nothing of what it has not done."""
    if job["status"] == receipt.NOT_RUN:  # the receipt is that of another job
        return "", "", ""
    result, finished = job["result"], job["status"] == receipt.FINISHED
    accuracy = result.get("test", {}).get("accuracy")
    return (
        figure(monitor, job["metric"]) if finished and job["metric"] is not None else "",
        "" if accuracy is None else figure("accuracy", accuracy),
        f"{result['seconds']:.1f}" if "seconds" in result else "",
    )


def _headings(keys: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """The last parts of ``keys``; the whole of those that would not be told apart.

    Example::

        >>> _headings(["optimizer.lr", "data.batch_size", "data/augment"])
        ['lr', 'batch size', 'augment']
        >>> _headings(["model.dropout", "head.dropout", "seed"], taken=["seed"])
        ['model.dropout', 'head.dropout', 'seed']
    """
    short = [re.split("[./]", key)[-1].replace("_", " ") for key in keys]
    known = [*short, *taken]
    return [name if known.count(name) == 1 else key for key, name in zip(keys, short, strict=True)]


def _shortened(value: str) -> str:
    """A drawn number with three digits; any other value as it is.

    Example::

        >>> _shortened("0.003295076976788877"), _shortened("16"), _shortened("[256,128]")
        ('0.0033', '16', '[256,128]')
    """
    try:
        return value if len(value) < 10 else f"{float(value):.3g}"
    except ValueError:
        return value


def _varying(jobs: list[dict[str, Any]]) -> list[str]:
    """The overridden keys that are not the same in all jobs, in the order they were given."""
    settings = [given_in(job) for job in jobs]
    keys = dict.fromkeys(key for given in settings for key in given)
    return [key for key in keys if len({given.get(key) for given in settings}) > 1]

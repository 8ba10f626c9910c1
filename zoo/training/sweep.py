"""The end of a sweep: one table of its jobs, the best first, and the names of those that failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf
from rich.table import Table

from zoo.training import receipt
from zoo.training.console import console, figure


class SweepReport(Callback):
    """A Hydra callback: the table of a sweep, and exit code 1 if a job failed."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Make the folder before anything, a study on disk say, is opened in it."""
        Path(config.hydra.sweep.dir).mkdir(parents=True, exist_ok=True)

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Print the table."""
        folder = Path(config.hydra.sweep.dir)
        jobs = read_jobs(folder)
        print_jobs(jobs)
        failed = [job for job in jobs if job["status"] != receipt.FINISHED]
        console.print(
            f"sweep folder: {folder}   curves: tensorboard --logdir {folder}", markup=False
        )
        if failed:
            for job in failed:
                console.print(f"{job['name']} {job['status']}: {job['error']}", markup=False)
            missing = any(job["status"] not in receipt.ENDED for job in failed)
            again = f"; the same command with hydra.sweep.dir={folder} runs only what is missing"
            console.print(
                f"{len(failed)} of {len(jobs)} jobs did not finish{again if missing else ''}",
                markup=False,
            )
            raise SystemExit(1)


def read_jobs(folder: Path | str) -> list[dict[str, Any]]:
    """The jobs of a sweep folder with their receipts, the best first, unfinished ones last."""
    jobs = []
    for path in Path(folder).glob("*/.hydra/overrides.yaml"):
        job = path.parent.parent
        result = receipt.read_result(job) or {}
        refusal = receipt.read_refusal(job)
        status = result.get("status", receipt.FAILED)
        jobs.append(
            {
                "name": job.name,
                "overrides": OmegaConf.to_container(OmegaConf.load(path)),
                "status": status if refusal is None else receipt.NOT_RUN,
                "error": refusal or result.get("error", "ended without a receipt; see train.log"),
                "monitor": result.get("monitor") or "",
                "metric": result.get("metric"),
                "mode": result.get("mode", "max"),
                "result": result,
            }
        )
    return sorted(jobs, key=_rank)


def _rank(job: dict[str, Any]) -> tuple[bool, float, int]:
    """Finished jobs first, by their metric; then by the number with which the name begins."""
    finished = job["status"] == receipt.FINISHED
    sign = -1.0 if job["mode"] == "max" else 1.0
    number = job["name"].partition("_")[0]
    return (
        not finished,
        sign * job["metric"] if finished and job["metric"] is not None else 0.0,
        int(number) if number.isdigit() else 0,
    )


def print_jobs(jobs: list[dict[str, Any]]) -> None:
    """Print one line a job: what distinguishes it, its metric, the test figures and the time."""
    if not jobs:
        console.print("the sweep folder holds no jobs")
        return
    varying = _varying(jobs)
    monitor = next((job["monitor"] for job in jobs if job["monitor"]), "metric")
    table = Table(title="jobs, the best first", title_justify="left")
    for column in ("job", *varying, monitor, "test accuracy", "seconds", "status"):
        table.add_column(column, overflow="fold")
    for job in jobs:
        given = dict(text.lstrip("+").partition("=")[::2] for text in job["overrides"])
        result, finished = job["result"], job["status"] == receipt.FINISHED
        accuracy = result.get("test", {}).get("accuracy")
        table.add_row(
            _label(job["name"]),
            *(_shortened(given.get(key, "")) for key in varying),
            figure(monitor, job["metric"]) if finished and job["metric"] is not None else "",
            "" if accuracy is None else figure("accuracy", accuracy),
            f"{result['seconds']:.1f}" if "seconds" in result else "",
            job["status"],
        )
    console.print(table, soft_wrap=False)


def _label(name: str) -> str:
    """The number of a job; of a job of a search, the time too."""
    number, _, rest = name.partition("_")
    return number if number.isdigit() else f"{number} {rest.replace('_', ' ')}"


def _shortened(value: str) -> str:
    """A drawn number with four digits; any other value as it is.

    Example::

        >>> _shortened("0.003295076976788877"), _shortened("16"), _shortened("[256,128]")
        ('0.003295', '16', '[256,128]')
    """
    try:
        return value if len(value) < 10 else f"{float(value):.4g}"
    except ValueError:
        return value


def _varying(jobs: list[dict[str, Any]]) -> list[str]:
    """The overridden keys that are not the same in all jobs, in the order they were given."""
    values: dict[str, set[str]] = {}
    for job in jobs:
        for text in job["overrides"]:
            key, _, value = text.lstrip("+").partition("=")
            values.setdefault(key, set()).add(value)
    present = {
        key: sum(
            any(text.lstrip("+").startswith(f"{key}=") for text in job["overrides"]) for job in jobs
        )
        for key in values
    }
    return [key for key in values if len(values[key]) > 1 or present[key] < len(jobs)]

"""The recorded results, as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS, LIBRARIES, UNTUNED, Contender

RESULTS = Path(__file__).parent / "results"
TIME = """\
Time of a step: the median, and in brackets **ours / theirs** (below 1, minitorch is faster).
"Memory kept": glibc's allocator told not to give freed memory back. A star: of
several ways a library has (`fused=True` optimizers, channels last), the fastest, which
`benchmarks/results/table.json` names."""
MEMORY = """\
Peak resident memory that a step adds, once the library is loaded and model and data exist, without
the library's own code; in brackets ours / theirs, where one of them is more than 2 MB."""
LITTLE = 2e6  # bytes by which the resident memory of a process changes for no reason of a step

HEADLINES = (
    "mlp-b32-sgd",
    "mlp-b128-adam",
    "resnet18-b32",
    "resnet20-b128",
    "encoder-d128",
    "encoder-d128-no-dropout",
    "encoder-d256",
    "gpt",
    "write-end",
    "resnet20-inference-b64",
    "classifier-inference-b64",
    "load-pth",
    "import",
)

Results = dict[str, Any]
Cell = Callable[[dict[str, Any]], str]


def save(results: Results, folder: Path = RESULTS) -> None:
    """Write ``table.json``, which is compared, and the tables that are read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.json").write_text(json.dumps(results, indent=1) + "\n")
    write_tables(results, folder)


def write_tables(results: Results, folder: Path = RESULTS) -> None:
    """Write ``table.md``, ``headlines.md``, some rows beside PyTorch alone, and ``machines.md``."""
    (folder / "table.md").write_text(markdown(results))
    (folder / "headlines.md").write_text(headlines(results))
    others = [json.loads(path.read_text()) for path in sorted(folder.glob("elsewhere/*.json"))]
    (folder / "machines.md").write_text(machines([results, *others]))


def set_aside(results: Results, today: Results, folder: Path = RESULTS) -> None:
    """Keep the results of another machine than today's in ``elsewhere/``."""
    if results["machine"] == today["machine"]:
        return
    path = _elsewhere(results, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")
    _elsewhere(today, folder).unlink(missing_ok=True)


def _elsewhere(results: Results, folder: Path) -> Path:
    name = re.sub(r"\W+", "-", results["machine"]["processor"].lower()).strip("-")
    return folder / "elsewhere" / f"{name}.json"


def load(folder: Path = RESULTS) -> Results:
    """The results that were saved last."""
    results: Results = json.loads((folder / "table.json").read_text())
    return results


def comparable(before: Results, after: Results) -> bool:
    """Whether both were measured on the same machine with the same libraries."""
    return all(before.get(part) == after[part] for part in ("machine", "versions"))


def merged(before: Results, after: Results, order: Iterable[str]) -> Results:
    """The rows of both, in that order, the later ones instead of the earlier ones.

    A row that is not in ``order`` is gone.
    """
    rows = {**before["rows"], **after["rows"]}
    return {**after, "rows": {name: rows[name] for name in order if name in rows}}


def markdown(results: Results) -> str:
    """Both tables and the state of the machine they were made on."""
    versions = ", ".join(f"{LIBRARIES[name]} {v}" for name, v in results["versions"].items())
    machine = "; ".join(f"{key}: {value}" for key, value in results["machine"].items())
    parts = [TIME, grid(results["rows"], CONTENDERS, time_cell)]
    if any("bytes" in row.get("minitorch", {}) for row in results["rows"].values()):
        parts += [
            MEMORY + memory_when(results["rows"]),
            grid(results["rows"], UNTUNED, memory_cell),
        ]
    parts.append(f"Measured with {versions}, {when(results['rows'])}; {machine}.")
    return "\n\n".join(parts) + "\n"


def headlines(results: Results) -> str:
    """The rows that the README shows: both times, and both ratios, for PyTorch as it comes."""
    lines = [
        "| | minitorch | PyTorch | time, ours / theirs | memory, ours / theirs |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    rows = {name: results["rows"][name] for name in HEADLINES if name in results["rows"]}
    for row in rows.values():
        theirs = with_ratio(row, "torch")
        times = [duration(entry["seconds"]) for entry in (row["minitorch"], theirs)]
        ratios = [
            f"{theirs[key]:.2f}" if key in theirs else "n/a" for key in ("ratio", "memory ratio")
        ]
        lines.append("| " + " | ".join([row["title"], *times, *ratios]) + " |")
    return "\n".join(lines) + "\n"


def machines(several: list[Results]) -> str:
    """Ours / PyTorch's time of each row of the first results, on each machine."""
    names = [results["machine"]["processor"] for results in several]
    lines = ["| | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for name, row in several[0]["rows"].items():
        entries = [results["rows"].get(name, {}).get("torch", {}) for results in several]
        ratios = [f"{e['ratio']:.2f}" if "ratio" in e else "n/a" for e in entries]
        if any(ratio != "n/a" for ratio in ratios):
            lines.append(f"| {row['title']} | " + " | ".join(ratios) + " |")
    notes = [f"- {_origin(results)}" for results in several]
    return "\n".join([*lines, "", *notes]) + "\n"


def _origin(results: Results) -> str:
    """The machine, and when and with what its rows were measured."""
    machine = "; ".join(f"{key}: {value}" for key, value in results["machine"].items())
    return f"{machine}; PyTorch {results['versions'].get('torch')}, {when(results['rows'])}"


def when(rows: dict[str, Any]) -> str:
    """Of all rows together: rounds, dates, commits, and the load of the machine before them."""
    stamps = [row["measured"] for row in rows.values()]
    rounds, dates, loads = (
        span(sorted({stamp[key] for stamp in stamps})) for key in ("rounds", "date", "load")
    )
    commits = ", ".join(dict.fromkeys(stamp["commit"] for stamp in stamps))
    return f"in {rounds} interleaved rounds, {dates}, commit {commits}, load before a row {loads}"


def memory_when(rows: dict[str, Any]) -> str:
    """When the memory was measured, if that was after the times."""
    dates = sorted({row["measured"]["memory"] for row in rows.values() if _has_memory_date(row)})
    return f" Measured {span(dates)}." if dates else ""


def _has_memory_date(row: dict[str, Any]) -> bool:
    return "memory" in row.get("measured", {})


def span(values: list[Any]) -> str:
    """The first and the last of sorted values, or the only one."""
    return str(values[0]) if len(values) == 1 else f"{values[0]} to {values[-1]}"


def grid(rows: dict[str, Any], contenders: list[Contender], cell: Cell) -> str:
    """A Markdown table; rows in which nobody has a figure are left out."""
    lines = [
        "| | " + " | ".join(contender.title for contender in contenders) + " |",
        "| --- |" + " ---: |" * len(contenders),
    ]
    for row in rows.values():
        cells = [cell(with_ratio(row, contender.name)) for contender in contenders]
        if any(text != "n/a" for text in cells):
            lines.append(f"| {row['title']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def with_ratio(row: dict[str, Any], name: str) -> dict[str, Any]:
    """A contender's entry, with ours / theirs for memory beside the one for time."""
    entry, ours = row.get(name, {}), row.get("minitorch", {})
    if name.startswith("minitorch") or not entry.get("bytes") or "bytes" not in ours:
        return dict(entry)
    if max(entry["bytes"], ours["bytes"]) < LITTLE:
        return dict(entry)
    return {**entry, "memory ratio": ours["bytes"] / entry["bytes"]}


def time_cell(entry: dict[str, Any]) -> str:
    """``0.532 ms (0.61)``."""
    if "seconds" not in entry:
        return "n/a"
    ratio = f" (**{entry['ratio']:.2f}**)" if "ratio" in entry else ""
    mark = "\u00a0*" if entry.get("setting") else ""
    return f"{duration(entry['seconds'])}{mark}{ratio}"


def memory_cell(entry: dict[str, Any]) -> str:
    """``5.4 MB (0.80)``."""
    if "bytes" not in entry:
        return "n/a"
    ratio = f" (**{entry['memory ratio']:.2f}**)" if "memory ratio" in entry else ""
    return f"{entry['bytes'] / 1e6:.1f} MB{ratio}"


def duration(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1 or unit == "us":
            value = seconds * factor
            digits = 0 if value >= 100 else 1 if value >= 10 else 2
            return f"{value:.{digits}f} {unit}"
    raise AssertionError("microseconds always fit")

"""Receipts are filed under their recipe, and the published table is what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zoo.receipts import RECEIPTS, draw_curves, keep, kept, markdown, pages
from zoo.receipts.recipes import departures


def run_folder(folder: Path, **changes: Any) -> Path:
    """A run folder with the receipt of a finished run."""
    receipt = {
        "status": "finished",
        "zoo": "mlp",
        "tags": ["mlp_digits"],
        "seed": 0,
        "config": {"trainer": {"max_epochs": 30, "a key of old": 1}, "data": {"root": "elsewhere"}},
        "parameters": 1234567,
        "epochs": 2,
        "seconds": 200.0,
        "examples": {"train": 900, "val": 100, "test": 100},
        "test": {"accuracy": 0.5},
        "environment": {"cpu": "a CPU", "cores": 2, "numpy": "2.4", "command": ["/secret/place"]},
        "history": [
            {"epoch": 1, "train/loss": 2.0, "val/accuracy": 0.4},
            {"epoch": 2, "train/loss": 1.0, "val/accuracy": 0.5},
        ],
    } | changes
    folder.mkdir(exist_ok=True)
    (folder / "result.json").write_text(json.dumps(receipt))
    return folder


def test_a_finished_run_is_filed_without_what_names_the_machine(tmp_path: Path):
    path = keep(run_folder(tmp_path / "run"), tmp_path)
    assert path.name == "mlp_digits-0.json"
    assert "secret" not in path.read_text()


@pytest.mark.parametrize("changes", [{"status": "interrupted"}, {"tags": []}, {"tags": ["a", "b"]}])
def test_what_is_no_finished_run_of_one_recipe_is_refused(tmp_path: Path, changes: Any):
    with pytest.raises(ValueError, match="run"):
        keep(run_folder(tmp_path / "run", **changes), tmp_path)


def test_a_run_that_departs_from_its_recipe_is_refused(tmp_path: Path):
    run = run_folder(tmp_path / "run", config={"trainer": {"max_epochs": 2}})
    with pytest.raises(ValueError, match="max_epochs is 2, and 30 in the recipe mlp_digits"):
        keep(run, tmp_path)
    run = run_folder(tmp_path / "run", tags=["nothing"])
    with pytest.raises(ValueError, match=r"no recipe conf/experiment/nothing\.yaml"):
        keep(run, tmp_path)


def test_a_receipt_is_replaced_only_when_asked(tmp_path: Path):
    run = run_folder(tmp_path / "run")
    keep(run, tmp_path)
    with pytest.raises(ValueError, match=r"mlp_digits-0\.json is there already"):
        keep(run, tmp_path)
    keep(run, tmp_path, replace=True)


@pytest.mark.parametrize("name", sorted(kept()))
def test_the_receipts_on_file_follow_their_recipes(name: str):
    for receipt in kept()[name]:
        assert not departures(receipt)


def test_an_empty_folder_is_refused_by_name(tmp_path: Path):
    with pytest.raises(ValueError, match=str(tmp_path)):
        keep(tmp_path, tmp_path)


def test_the_table_gives_mean_spread_and_median_time(tmp_path: Path):
    for seed, accuracy, seconds in ((0, 0.97, 60.0), (1, 0.98, 90.0), (2, 0.99, 600.0)):
        changes = {"seed": seed, "test": {"accuracy": accuracy}, "seconds": seconds}
        keep(run_folder(tmp_path / str(seed), **changes), tmp_path)
    row = markdown(kept(tmp_path)).splitlines()[2]
    assert row == "| `mlp_digits` | 1,234,567 | 2 | 98.00 ± 1.00 % | 0, 1, 2 | 90 s |"


def test_the_curves_are_drawn(tmp_path: Path):
    keep(run_folder(tmp_path / "run"), tmp_path)
    draw_curves(kept(tmp_path), tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_published_tables_are_what_the_receipts_say():
    written = {path.name: path.read_text() for path in RECEIPTS.glob("table*.md")}
    assert written == pages(kept()), "run `make tables`"


def test_an_architecture_has_a_table_of_its_own():
    written = pages(kept())
    rows = [line for line in written["table.md"].splitlines() if line.startswith("| `")]
    parts = [text for name, text in written.items() if name != "table.md"]
    assert sorted(rows) == sorted(
        line for text in parts for line in text.splitlines() if line.startswith("| `")
    )
    assert "`resnet20_cifar10`" in written["table-resnet.md"]
    assert "`resnet20_cifar10`" not in written["table-mlp.md"]


def test_a_published_receipt_names_a_recipe_that_exists():
    experiments = RECEIPTS.parents[1] / "conf" / "experiment"
    for name in kept():
        assert (experiments / f"{name}.yaml").is_file()

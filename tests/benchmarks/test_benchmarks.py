"""The benchmarks' own arithmetic, and a session with a real worker."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import minitorch
from benchmarks import compare, readme, table, worker
from benchmarks.__main__ import recorder, selected
from benchmarks.bounds import recorded
from benchmarks.case import Case
from benchmarks.cases import CASES
from benchmarks.cases.by_hand import ByHand
from benchmarks.cases.mlp import SETTINGS
from benchmarks.contenders import CONTENDERS, LIBRARIES, Contender
from benchmarks.session import add_memory, add_ratios, measure, workers


def test_every_case_has_a_row_for_minitorch_and_known_libraries():
    for case in CASES.values():
        assert "minitorch" in case.setups
        assert set(case.setups) <= set(LIBRARIES)


def test_ratios_are_medians_of_the_rounds_own_ratios():
    row = {"torch": {}, "torch+keep": {}}
    times = {
        "minitorch": [1.0, 2.0, 30.0],
        "torch": [2.0, 4.0, 6.0],
        "minitorch+keep": [1.0, 1.0, 1.0],
        "torch+keep": [4.0, 4.0, 4.0],
    }
    add_ratios(row, times)
    assert row["torch"]["ratio"] == 0.5
    assert row["torch+keep"]["ratio"] == 0.25


def test_a_step_may_tell_its_own_time():
    assert worker.timed(lambda: 12.5) == 12.5
    assert 0 < worker.timed(lambda: None) < 1


def test_the_fastest_way_is_taken():
    assert worker.fastest({"slow": lambda: 2.0, "fast": lambda: 1.0}, seconds=1.0) == "fast"


def results(ours: float, ratio: float) -> table.Results:
    entry = {"seconds": ours, "steps": 1, "setting": ""}
    peer = {"seconds": ours / ratio, "setting": "fused optimizer", "ratio": ratio, "bytes": 2e6}
    row = {"title": "a step", "minitorch": {**entry, "bytes": 1e6}, "torch": peer}
    row["measured"] = {"date": "2026-01-01", "commit": "abc", "load": "0.1", "rounds": 3}
    return {"versions": {"torch": "2"}, "machine": {"processor": "Slide rule"}, "rows": {"a": row}}


def test_the_table_shows_time_memory_ratio_and_absence():
    text = table.markdown(results(0.0005, 0.5))
    assert "| a step | 500 us | 1.00 ms\u00a0* (**0.50**) | n/a | n/a | n/a | n/a |" in text
    assert "| a step | 1.0 MB | 2.0 MB (**0.50**) | n/a | n/a |" in text
    assert "PyTorch 2" in text


def test_the_readme_shows_some_rows_with_both_ratios():
    both = results(0.0005, 0.5)
    both["rows"] = {"tape": both["rows"]["a"], "gpt": both["rows"]["a"]}
    assert table.headlines(both).splitlines()[2:] == ["| a step | 500 us | 1.00 ms | 0.50 | 0.50 |"]


def test_the_rows_of_the_readme_are_measured():
    assert set(table.HEADLINES) <= set(table.load()["rows"])


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.5, "2.50 s"), (0.0123, "12.3 ms"), (5e-7, "0.50 us"), (0.5, "500 ms")]
)
def test_durations_have_three_digits(seconds: float, text: str):
    assert table.duration(seconds) == text


def test_compare_names_what_became_slower_relative_to_pytorch():
    lines, slower = compare.report(results(1.0, 0.5), results(3.0, 0.52))
    assert len(lines) == 1
    assert not slower  # the machine is three times as slow, minitorch is not
    _, slower = compare.report(results(1.0, 0.5), results(1.0, 0.6))
    assert len(slower) == 1
    assert slower[0].split() == ["1.20", "a", "step", "(minitorch)"]


def test_compare_uses_times_where_pytorch_is_missing():
    before, after = results(1.0, 0.5), results(1.5, 0.5)
    for side in (before, after):
        del side["rows"]["a"]["torch"]
    assert compare.report(before, after)[1]


def test_saved_results_are_loaded_again(tmp_path: Path):
    table.save(results(1.0, 0.5), tmp_path)
    assert table.load(tmp_path) == results(1.0, 0.5)
    assert json.loads((tmp_path / "table.json").read_text())["rows"]["a"]["measured"]["rounds"] == 3


def test_rows_measured_again_replace_their_own_and_keep_their_order():
    before, after = results(1.0, 0.5), results(2.0, 0.5)
    before["rows"] |= {"b": before["rows"]["a"], "gone": before["rows"]["a"]}
    rows = table.merged(before, after, ["b", "a", "never measured"])["rows"]
    assert list(rows) == ["b", "a"]
    assert rows["a"]["minitorch"]["seconds"] == 2.0
    assert rows["b"]["minitorch"]["seconds"] == 1.0


def test_a_table_of_several_moments_says_so():
    both = results(1.0, 0.5)
    other = {"date": "2026-01-02", "commit": "def", "load": "0.3", "rounds": 3}
    both["rows"]["b"] = both["rows"]["a"] | {"measured": other}
    assert "in 3 interleaved rounds, 2026-01-01 to 2026-01-02, commit abc, def" in table.markdown(
        both
    )


def test_single_rows_are_not_added_to_the_table_of_another_machine(tmp_path: Path):
    here, there = results(1.0, 0.5), results(2.0, 0.5)
    here["rows"] = there["rows"] = {"tape": here["rows"]["a"]}
    there["machine"] = {"processor": "Abacus (R) 2"}
    table.save(here, tmp_path)
    with pytest.raises(SystemExit, match="another machine"):
        recorder(all_cases=False, folder=tmp_path)(there)
    assert table.load(tmp_path) == here
    recorder(all_cases=True, folder=tmp_path)(there)
    assert table.load(tmp_path) == there


def test_the_results_of_another_machine_are_kept_beside_those_of_this_one(tmp_path: Path):
    there, here = results(1.0, 0.5), results(2.0, 1.5)
    here["rows"], there["rows"] = {"tape": here["rows"]["a"]}, {"tape": there["rows"]["a"]}
    there["machine"] = {"processor": "Abacus (R) 2"}
    for measured in (there, here):
        recorder(all_cases=True, folder=tmp_path)(measured)
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["abacus-r-2.json"]
    assert table.load(tmp_path) == here
    lines = (tmp_path / "machines.md").read_text().splitlines()
    assert lines[0].endswith("| Abacus (R) 2 |")
    assert lines[2].endswith("| 1.50 | 0.50 |")

    recorder(all_cases=True, folder=tmp_path)(there)  # and back
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["slide-rule.json"]
    assert (tmp_path / "machines.md").read_text().splitlines()[2].endswith("| 0.50 | 1.50 |")


def test_memory_that_is_too_little_to_measure_has_no_ratio():
    row = {"minitorch": {"bytes": 1.9e6}, "torch": {"bytes": 0.1e6}}
    assert "memory ratio" not in table.with_ratio(row, "torch")
    row["torch"]["bytes"] = 3.8e6
    assert table.with_ratio(row, "torch")["memory ratio"] == 0.5


def test_markers_are_filled_and_stay(tmp_path: Path):
    (tmp_path / "t.md").write_text("| new |\n")
    text = "a\n<!-- begin: t.md -->\n| old |\n<!-- end: t.md -->\nb\n"
    once = readme.filled(text, tmp_path)
    assert "| new |" in once
    assert "| old |" not in once
    assert readme.filled(once, tmp_path) == once


def test_a_session_measures_and_says_what_is_missing():
    contenders = [Contender("minitorch"), Contender("mygrad")]
    case = CASES["tape"]
    with workers(contenders) as remotes:
        row = measure(case, remotes, rounds=2)
    assert row["minitorch"]["seconds"] > 0
    assert ("unavailable" in row["mygrad"]) == ("mygrad" not in installed())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_peak_memory_is_measured_in_a_fresh_process():
    case = CASES["mlp-b4096-sgd"]
    row = {"minitorch": {}}
    add_memory(case, row, [Contender("minitorch")], repeats=1)
    activations = 4 * 4096 * (128 + 64 + 10)
    assert activations < row["minitorch"]["bytes"] < 200e6


LONG = ("resnet18-b128", "resnet18-b128-reduced")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name, marks=[pytest.mark.slow] if name in LONG else [])
        for name, case in CASES.items()
    ],
)
def test_every_case_runs_with_minitorch(case: Case):
    for setup in case.setups["minitorch"].values():
        step = setup()
        assert step() is None or case.name == "import"


def test_contenders_have_distinct_names():
    assert len({contender.name for contender in CONTENDERS}) == len(CONTENDERS)


def installed() -> set[str]:
    import importlib.util

    return {name for name in LIBRARIES if importlib.util.find_spec(name)}


def test_cases_are_chosen_by_parts_of_their_names():
    assert {case.name for case in selected("tape,mlp-b32")} == {
        "tape",
        "mlp-b32-sgd",
        "mlp-b32-adam",
    }
    assert len(selected("")) == len(CASES)
    with pytest.raises(SystemExit, match="no case is called like 'nothing'"):
        selected("nothing")


def test_products_are_recorded_with_their_operands():
    x = np.arange(6.0).reshape(2, 3)
    before = np.matmul
    calls = []
    with recorded(calls):
        np.matmul(x, x.T, out=np.empty((2, 2)))
        np.dot(x, x.T)
    assert np.matmul is before
    assert [len(arguments) for _, arguments, _ in calls] == [2, 2]
    function, arguments, named = calls[0]
    np.testing.assert_array_equal(function(*arguments, **named), x @ x.T)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_the_step_by_hand_is_the_step_of_the_library(optimizer):
    from minitorch import nn, optim
    from minitorch.nn import functional as F

    by_hand = ByHand(optimizer, 8)
    layers = [nn.Linear(*weight.shape) for weight in by_hand.weights]
    for layer, weight, bias in zip(layers, by_hand.weights, by_hand.biases, strict=True):
        layer.weight.data = minitorch.tensor(weight.T)
        layer.bias.data = minitorch.tensor(bias)
    model = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
    update = getattr(optim, optimizer)(model.parameters(), **SETTINGS[optimizer])
    for _, labels in by_hand.labels[:3]:
        loss = F.cross_entropy(model(minitorch.tensor(by_hand.inputs)), minitorch.tensor(labels))
        update.zero_grad()
        loss.backward()
        update.step()
        by_hand()
    for layer, weight, bias in zip(layers, by_hand.weights, by_hand.biases, strict=True):
        # The mean: Adam makes steps of full length of gradients that are nothing but rounding.
        assert np.abs(layer.weight.detach().numpy() - weight.T).mean() < 1e-6
        assert np.abs(layer.bias.detach().numpy() - bias).mean() < 1e-6

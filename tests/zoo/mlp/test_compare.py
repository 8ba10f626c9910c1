"""The comparison of the optimizers: one multirun, one figure, one table."""

import pytest
from matplotlib.figure import Figure

from zoo.mlp import compare
from zoo.training.sweep import read_jobs


@pytest.mark.slow
@pytest.mark.long
def test_seven_optimizers_one_figure_one_table(command, tmp_path):
    done = command(
        "data.n_train=200",
        "trainer.max_epochs=3",
        "trainer.evaluate_every_epochs=2",
        "hydra.sweep.dir=runs/compare",
        module="zoo.mlp.compare",
    )
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "runs" / "compare"
    assert len(read_jobs(folder)) == 7
    assert (folder / "comparison.png").read_bytes().startswith(b"\x89PNG")
    lines = (folder / "comparison.md").read_text().splitlines()
    names = {line.split("|")[1].strip() for line in lines[2:]}
    assert names == {"sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw", "adadelta"}
    shares = [float(line.split("|")[4].strip().rstrip(" %")) for line in lines[2:]]
    assert shares == sorted(shares, reverse=True)


def test_a_comparison_without_a_finished_run_fails_and_tells_of_no_figure(tmp_path, capsys):
    assert compare.report(tmp_path) == 1
    assert "comparison" not in capsys.readouterr().out.replace(str(tmp_path), "")


@pytest.mark.parametrize(("epochs", "marker"), [(1, "o"), (20, "")])
def test_a_short_comparison_is_seen_in_its_figure(epochs, marker, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, path: drawn.append(figure))
    history = [{"epoch": e + 1, "train/loss": 1.0, "val/accuracy": 0.5} for e in range(epochs)]
    compare.draw({"sgd": [{"history": history}]}, tmp_path / "comparison.png")
    [figure] = drawn
    assert [line.get_marker() for axes in figure.axes for line in axes.lines] == [marker] * 2


def test_a_comparison_that_is_stopped_reports_nothing(tmp_path, monkeypatch, capsys):
    def stopped(arguments):
        raise SystemExit(130)

    monkeypatch.setattr(compare, "train", stopped)
    with pytest.raises(SystemExit, match="130"):
        compare.main([f"hydra.sweep.dir={tmp_path}"])
    assert capsys.readouterr().out == ""

"""``resume``: the same run goes on, or one sentence says why it cannot, and nothing is lost."""

import json
import math

import pytest
import yaml

from zoo.training.errors import ConfigError
from zoo.training.replay import with_recorded_overrides


@pytest.mark.slow
def test_resume_goes_on_in_the_same_folder_with_the_recorded_settings(train, tmp_path):
    code, folder = train("optimizer=sgd", "optimizer.lr=0.05", "scheduler=none")
    assert code == 0
    code, again = train(f"resume={folder}", "trainer.max_epochs=3", small=())
    assert (code, again) == (0, folder)
    assert "settings that are new: trainer.max_epochs" in (folder / "train.log").read_text()
    result = json.loads((folder / "result.json").read_text())
    assert result["epochs"] == 3
    assert len(result["history"]) == 3
    assert result["config"]["optimizer"]["lr"] == 0.05
    assert result["config"]["data"]["n_train"] == 300
    overrides = yaml.safe_load((folder / ".hydra" / "overrides.yaml").read_text())
    assert "trainer.max_epochs=3" in overrides
    assert "trainer.max_epochs=2" not in overrides
    code, again = train(f"resume={folder / 'checkpoints' / 'last.safetensors'}", small=())
    assert (code, again) == (0, folder)


def test_a_truncated_checkpoint_is_refused_by_name(train, capsys):
    _, folder = train("scheduler=none")
    path = folder / "checkpoints" / "last.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    code, _ = train(f"resume={folder}", "trainer.max_epochs=3", small=())
    assert code == 1
    assert "last.safetensors" in capsys.readouterr().err


REFUSED = ["optimizer.lr=0.3", "optimizer=rmsprop", "trainer.monitor=val/loss"]
REFUSED_TOO = [
    "model.hidden=[3]",
    "scheduler=cosine",
    "trainer/average=ema",
    "seed=7",
    "data.n_train=200",
    "pretrained=mlp_digits",
]


@pytest.mark.parametrize("refused", [REFUSED, pytest.param(REFUSED_TOO, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_what_a_run_has_become_cannot_change(train, capsys, refused):
    """Neither the run nor what is recorded of it hears of settings that are refused."""
    _, folder = train("scheduler=none")
    files = [*sorted((folder / ".hydra").iterdir()), folder / "result.json"]
    before = [path.read_text() for path in files]
    for override in refused:
        capsys.readouterr()
        code, _ = train(f"resume={folder}", "trainer.max_epochs=3", override, small=())
        error = capsys.readouterr().err
        assert code == 2, override
        assert error.count("\n") == 1
        name = override.partition("=")[0].replace("/", ".")
        assert error.startswith(name), error
        assert "cannot become" in error
        assert [path.read_text() for path in files] == before, override
    code, _ = train(f"resume={folder}", "trainer.max_epochs=3", small=())
    assert code == 0


@pytest.mark.slow
def test_a_refused_resume_leaves_what_it_refers_to(train, capsys):
    _, folder = train("scheduler=none")
    before = (folder / ".hydra" / "overrides.yaml").read_text()
    for override in ("trainer.max_epochs=-3", "optimzer=adam"):
        assert train(f"resume={folder}", override, small=())[0] == 2
        assert (folder / ".hydra" / "overrides.yaml").read_text() == before
    assert train(f"resume={folder}", "trainer.max_epochs=3", small=())[0] == 0


@pytest.mark.slow
def test_a_shorter_run_keeps_its_schedule(train):
    _, folder = train("scheduler=cosine", "trainer.max_epochs=4", "trainer.max_steps=2")
    code, _ = train(f"resume={folder}", "trainer.max_epochs=2", "trainer.max_steps=null", small=())
    assert code == 0
    result = json.loads((folder / "result.json").read_text())
    assert result["epochs"] == 2
    assert result["config"]["scheduler"]["T_max"] == 4
    assert result["history"][-1]["lr"] == pytest.approx(
        result["config"]["optimizer"]["lr"] * (1 + math.cos(math.pi / 4)) / 2
    )


@pytest.mark.parametrize("name", ["last", "best"])
@pytest.mark.slow
def test_a_missing_checkpoint_is_refused_by_name(train, capsys, name):
    _, folder = train("scheduler=none")
    (folder / "checkpoints" / f"{name}.safetensors").unlink()
    code, _ = train(f"resume={folder}", "trainer.max_epochs=3", small=())
    assert code == 1
    error = capsys.readouterr().err
    assert f"{name}.safetensors is missing" in error
    assert error.count("\n") == 1


@pytest.mark.slow
def test_a_run_that_saved_nothing_starts_again(train):
    _, folder = train("scheduler=none")
    result = json.loads((folder / "result.json").read_text())
    (folder / "result.json").write_text(json.dumps(result | {"status": "running"}))
    for name in ("last", "best"):
        (folder / "checkpoints" / f"{name}.safetensors").unlink()
    assert train(f"resume={folder}", small=())[0] == 0
    again = json.loads((folder / "result.json").read_text())
    assert again["status"] == "finished"
    assert again["metric"] == result["metric"]


@pytest.mark.slow
def test_an_interrupted_run_without_its_checkpoints_is_refused_every_time(train, capsys):
    _, folder = train("scheduler=none")
    for path in (folder / "checkpoints").glob("*.safetensors"):
        path.unlink()
    path = folder / "result.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "interrupted"}))
    for _ in range(2):
        capsys.readouterr()
        code, _ = train(f"resume={folder}", "trainer.max_epochs=3", small=())
        assert code == 1
        error = capsys.readouterr().err
        assert "last.safetensors is missing, from which this run would go on" in error
        assert "best weights" not in error
        assert json.loads(path.read_text())["status"] == "interrupted"


def test_a_new_run_does_not_begin_in_the_folder_of_another(train, capsys):
    _, folder = train("scheduler=none")
    before = (folder / "result.json").read_text(), (folder / ".hydra/overrides.yaml").read_text()
    capsys.readouterr()
    code, _ = train("scheduler=cosine", f"hydra.run.dir={folder}")
    assert code == 2
    assert f"holds a run already: resume={folder}" in capsys.readouterr().err
    after = (folder / "result.json").read_text(), (folder / ".hydra/overrides.yaml").read_text()
    assert after == before


def test_a_run_of_another_architecture_is_told_apart(train, capsys):
    from zoo.transformer.train_gpt import main

    _, folder = train("scheduler=none")
    with pytest.raises(SystemExit) as left:
        main([f"resume={folder}"])
    assert left.value.code == 2
    assert f"make train-mlp resume={folder}" in capsys.readouterr().err


def test_a_finished_run_is_not_tested_twice(train, capsys):
    _, folder = train()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert train(f"resume={folder}", small=())[0] == 0
    assert "finished before, not run again" in capsys.readouterr().out
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    before.pop(folder / "train.log"), after.pop(folder / "train.log")
    assert after == before


ODD = ["o'brien"]
ODD_TOO = [
    pytest.param(name, marks=pytest.mark.slow) for name in ("ü,[x]", "a b", "back\\slash", "a=b")
]


@pytest.mark.parametrize("name", [*ODD, *ODD_TOO])
@pytest.mark.slow
def test_a_run_folder_may_have_any_name(train, tmp_path, name):
    _, folder = train("scheduler=none")
    folder = folder.rename(tmp_path / name)
    code, _ = train(f"resume={folder}", "trainer.max_epochs=3", small=())
    assert code == 0
    assert json.loads((folder / "result.json").read_text())["epochs"] == 3


@pytest.mark.slow
def test_a_schedule_that_has_ended_cannot_go_on(train, capsys):
    _, folder = train()
    before = (folder / "result.json").read_text()
    code, _ = train(f"resume={folder}", "trainer.max_epochs=5", small=())
    assert code == 2
    assert "planned for 2 epochs and cannot go on to 5" in capsys.readouterr().err
    assert (folder / "result.json").read_text() == before


@pytest.mark.slow
def test_a_run_folder_that_hydra_would_interpret_is_refused(train, tmp_path, capsys):
    _, folder = train("scheduler=none")
    folder = folder.rename(tmp_path / "${seed}")
    assert train(f"resume={folder}", small=())[0] == 2
    assert "rename the folder" in capsys.readouterr().err


def test_damaged_overrides_are_one_sentence(tmp_path):
    record = tmp_path / ".hydra" / "overrides.yaml"
    record.parent.mkdir()
    record.write_text("- optimizer.lr: [1\n- {")
    with pytest.raises(ConfigError, match="cannot read the recorded overrides in") as error:
        with_recorded_overrides([f"resume={tmp_path}"])
    assert "\n" not in str(error.value)

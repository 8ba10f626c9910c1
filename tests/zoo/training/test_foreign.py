"""A run folder that comes from elsewhere runs nothing that the files under ``conf`` do not name."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from zoo.pretrained.models import CONFIGURATION, builders, constructors
from zoo.training.errors import ConfigError
from zoo.training.receipt import read_result
from zoo.training.replay import with_recorded_overrides

BOMB = "_target_: zoo.training.receipt.write_whole, path: {_target_: pathlib.Path, _args_: [bomb]}"
BOMB = f"{BOMB}, text: x"


def test_what_conf_names_is_what_its_files_say_as_yaml():
    files = [yaml.safe_load(path.read_text()) for path in CONFIGURATION.rglob("*.yaml")]
    found = [pair for content in files for pair in builders(content)]
    assert {key.rpartition(".")[2] for key, _ in found} == {"_target_"}
    assert constructors() == {value for _, value in found}
    assert {"zoo.mlp.MLP", "zoo.data.Cutout", "minitorch.optim.AdamW"} <= constructors()


FOREIGN = [
    (f"data.augment={{{BOMB}}}", "data.augment._target_=zoo.training.receipt.write_whole"),
    ("data.augment._target_=joblib.load", "data.augment._target_=joblib.load"),
    ("model._target_=zoo.mlp.model.MLP", "model._target_=zoo.mlp.model.MLP"),
    ("+data.augment={_target_: zoo.data.Cutout, _args_: [3]}", "data.augment._args_=[3]"),
    ("+data.augment._args_=[3]", "data.augment._args_=[3]"),
    (
        "model={_target_: zoo.mlp.MLP, hidden: [{_target_: os.system}]}",
        "model.hidden.0._target_=os",
    ),
    ("data.augment={_target_: '${tags.0}'}", "data.augment._target_=${tags.0}"),
    ("++data.augment={_target_: zoo.data.Cutout, _recursive_: false}", "augment._recursive_=False"),
    ("scheduler.schedulers=[{_target_: [os.system]}]", "scheduler.schedulers.0._target_=['os.sys"),
]
OUTSIDE = [
    f"+hydra.callbacks.bomb={{{BOMB}}}",
    f"+hydra={{callbacks: {{bomb: {{{BOMB}}}}}}}",
    "hydra/launcher=parallel",
    "hydra.searchpath=[/tmp]",
    "+data@hydra.callbacks.bomb=digits",
    "experiment=../../../../tmp/evil",
    "experiment=/tmp/evil",
    "experiment='${oc.env:HOME}'",
    "+experiment=[../evil]",
]
NONE = ["--experimental-rerun=evil.pickle", "--config-dir=.", "-m", "a b", "", "experiment=a,b"]


def forged(folder, *recorded):
    (folder / ".hydra").mkdir(parents=True)
    (folder / ".hydra" / "overrides.yaml").write_text(json.dumps(list(recorded)))
    return folder


@pytest.mark.parametrize(("override", "sentence"), FOREIGN)
def test_a_recorded_constructor_is_one_that_conf_names(override, sentence, tmp_path):
    folder = forged(tmp_path / "run", override)
    with pytest.raises(ConfigError) as error:
        with_recorded_overrides([f"resume={folder}", "trainer.max_epochs=3"])
    assert str(error.value).startswith(f"{folder}/.hydra/overrides.yaml sets ")
    assert sentence in str(error.value)
    assert str(error.value).endswith("type it beside resume= if you trust it")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("override", OUTSIDE)
def test_a_recorded_override_reaches_no_file_outside_conf_and_nothing_of_hydra(override, tmp_path):
    folder = forged(tmp_path / "run", override)
    with pytest.raises(
        ConfigError, match="which no run takes from a file: type it beside"
    ) as error:
        with_recorded_overrides([f"resume={folder}"])
    assert str(error.value).startswith(f"{folder}/.hydra/overrides.yaml sets {override[:40]}")


@pytest.mark.parametrize("override", NONE)
def test_a_recorded_flag_is_no_override(override, tmp_path):
    folder = forged(tmp_path / "run", override)
    with pytest.raises(ConfigError, match="which is no override of one run: remove it"):
        with_recorded_overrides([f"resume={folder}"])


def test_what_is_typed_is_free(tmp_path):
    folder = forged(tmp_path / "run", "data.augment={_target_: my.Own}", "hydra.run.dir=x")
    typed = ["data.augment={_target_: my.Own, degrees: 3}", "hydra.run.dir=y"]
    replayed = with_recorded_overrides([f"resume={folder}", *typed])
    assert replayed[:2] == typed
    again = forged(tmp_path / "again", "data.augment._target_=my.Own", "tags=[a b, ../c]")
    assert (
        with_recorded_overrides([f"resume={again}", typed[0]])[0] == "data.augment._target_=my.Own"
    )


def test_the_command_refuses_it_before_anything_is_run(train, capsys, tmp_path):
    folder = forged(tmp_path / "run", f"data.augment={{{BOMB}}}")
    assert train(f"resume={folder}", small=())[0] == 2
    error = capsys.readouterr().err
    assert "overrides.yaml sets data.augment._target_=zoo.training.receipt.write_whole" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "bomb").exists()


OWN = "data.augment={_target_: zoo.data.affine.RandomAffine, degrees: 3.0}"


@pytest.mark.slow
def test_a_run_with_code_of_ones_own_goes_on_when_it_is_typed_again(train, capsys):
    code, folder = train("scheduler=none", OWN)
    assert code == 0
    goes_on = (f"resume={folder}", "trainer.max_epochs=3")
    assert train(*goes_on, small=())[0] == 2
    assert "data.augment._target_=zoo.data.affine.RandomAffine" in capsys.readouterr().err
    assert train(*goes_on, OWN, small=())[0] == 0


@pytest.mark.parametrize("file", ["result.json", ".hydra/config.yaml"])
@pytest.mark.slow
def test_recorded_settings_are_looked_at_too(train, capsys, tmp_path, file):
    """Those that follow from others are taken from there."""
    _, folder = train("scheduler=sequential")
    bomb = yaml.safe_load(f"{{{BOMB}}}".replace("[bomb]", f"['{tmp_path}/bomb']"))
    path = folder / file
    recorded = yaml.safe_load(path.read_text())
    recorded.get("config", recorded)["scheduler"]["schedulers"] = [bomb, bomb]
    path.write_text(json.dumps(recorded))
    if file != "result.json":
        (folder / "result.json").unlink()
    capsys.readouterr()
    assert train(f"resume={folder}", "trainer.max_epochs=1", small=())[0] == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{path} sets scheduler.schedulers.0._target_=zoo.training.receipt.wr")
    assert error.count("\n") == 1
    assert not (tmp_path / "bomb").exists()


@pytest.mark.slow
def test_what_an_interpolation_makes_is_looked_at_too(train, capsys, tmp_path):
    _, folder = train("scheduler=none")
    path = folder / ".hydra" / "overrides.yaml"
    made = f"data.augment='${{oc.create:{{{BOMB}}}}}'"
    path.write_text(json.dumps([*yaml.safe_load(path.read_text()), made]))
    result = json.loads((folder / "result.json").read_text())
    del result["config"]["data"]["augment"]
    (folder / "result.json").write_text(json.dumps(result))
    capsys.readouterr()
    assert train(f"resume={folder}", "trainer.max_epochs=3", small=())[0] == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{path} sets data.augment._target_=zoo.training.receipt.write_whole")
    assert not (tmp_path / "bomb").exists()


@pytest.mark.slow
def test_the_weights_of_a_run_folder_come_alone(train, tmp_path):
    _, folder = train("scheduler=none")
    overrides = folder / ".hydra" / "overrides.yaml"
    overrides.write_text(json.dumps([f"data.augment={{{BOMB}}}"]))
    (folder / ".hydra" / "config.yaml").write_text(f"data: {{{BOMB}}}\nmodel: {{{BOMB}}}\n")
    assert train(f"pretrained={folder}", "trainer.max_epochs=1")[0] == 0
    assert not (tmp_path / "bomb").exists()


# ---------------------------------------------------------------------- another's module conf


def test_no_module_of_the_name_conf_is_needed(train, capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "conf", None)
    assert train("--cfg", "job")[0] == 0
    assert yaml.safe_load(capsys.readouterr().out)["zoo"] == "mlp"


@pytest.mark.slow
@pytest.mark.long
def test_a_folder_with_a_conf_of_its_own(command, tmp_path):
    """The configuration of Sphinx, say; it is not even imported."""
    (tmp_path / "conf.py").write_text("raise SystemExit('imported')")
    assert yaml.safe_load(command("--cfg", "job").stdout)["zoo"] == "mlp"
    assert "optimizer.lr=0.05" in command("--help").stdout
    sweep = ("data.n_train=300", "trainer.max_epochs=1", "seed=1,2", "--multirun")
    for launcher in ((), ("hydra/launcher=parallel", "hydra.launcher.n_jobs=2")):
        done = command(*sweep, *launcher)
        assert done.returncode == 0, done.stderr
    results = list(Path(tmp_path).glob("runs/mlp/*/*_sweep/*/result.json"))
    assert [json.loads(path.read_text())["status"] for path in results] == ["finished"] * 4


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: [*a, *a]\n",  # aliases, of which a few lines make a billion elements
        "[" * 100_000,
    ],
    ids=["aliases", "nested"],
)
def test_overrides_that_would_never_end_are_refused(tmp_path, text):
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "overrides.yaml").write_text(text)
    with pytest.raises(ConfigError, match="cannot read the recorded overrides"):
        with_recorded_overrides([f"resume={tmp_path}"])


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "{"])
def test_a_receipt_that_is_none_is_none(tmp_path, text):
    (tmp_path / "result.json").write_text(text)
    assert read_result(tmp_path) is None

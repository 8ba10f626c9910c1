"""The command: short errors, honest exit codes, and a run folder with everything in it."""

import json
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

import minitorch
from minitorch import kernels
from zoo.mlp import MLP


def test_a_run_leaves_everything_in_its_folder(train, capsys):
    code, folder = train("tags=[first]")
    assert code == 0
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {
        ".hydra/config.yaml",
        ".hydra/overrides.yaml",
        "train.log",
        "result.json",
        "checkpoints/best.safetensors",
        "checkpoints/last.safetensors",
    } <= names
    assert any(name.startswith("events.out.tfevents") for name in names)
    result = json.loads((folder / "result.json").read_text())
    assert result["status"] == "finished"
    assert result["tags"] == ["first"]
    assert result["config"]["data"]["n_train"] == 300
    assert result["seed"] == 0
    assert 0.0 <= result["metric"] <= 1.0
    assert set(result["test"]) >= {"loss", "accuracy", "top5"}
    assert {"python", "numpy", "minitorch", "cpu", "git"} <= result["environment"].keys()
    assert len(result["history"]) == 2
    shown = capsys.readouterr().out
    assert f"{result['test']['accuracy']:.2%}".replace("%", " %") in shown
    assert f"tensorboard --logdir {folder.relative_to(Path.cwd())}" in shown
    MLP(64, 10).load_state_dict(minitorch.load(folder / "checkpoints" / "best.safetensors"))


MISTAKES = [
    ("optimizer=admw", "did you mean adamw"),
    ("optimizer.lrr=0.1", "did you mean optimizer.lr"),
    ("optimzer.lr=0.1", "did you mean optimizer"),
    ("experimnt=mlp_digits", "did you mean experiment"),
    ("lr=0.1", "did you mean optimizer.lr?"),
    ("epochs=3", "did you mean trainer.max_epochs?"),
    ("debug=one_btch", "did you mean one_batch"),
    ("data/augmnt=affine", "did you mean data/augment"),
    ("trainer.max_epochs=ten", "trainer.max_epochs=ten"),
    ("trainer.max_epochs=0", "max_epochs must be positive"),
    ("seed=-1", "seed must be between"),
    ("optimizer.lr=-1", "optimizer.lr=-1"),
    ("model.activation=relo", "relu, leaky_relu"),
    ("model.hidden=[0]", "positive integer"),
    ("model.hidden=7", "model.hidden=7"),
    ("model.dropout=1.5", "dropout must be"),
    ("data.batch_size=0", "batch_size must be"),
    ("data.val_fraction=2", "val_fraction must lie"),
    ("data.augment.degrees=3", "data/augment=..."),
    ("task.label_smoothing=3", "label_smoothing must be"),
    ("trainer.monitor=val/acc", "val/accuracy"),
    ("+optimizer.foo=1", "foo"),
    ("++optimizer.foo=1", "foo"),
    ("+foo=1", "foo: no such key"),
    ("~model", "model"),
    ("optimizer.lr", "key=value"),
    ("optimizer.lr=0.1,0.2", "--multirun"),
    ("scheduler.gamma=3", "keys of scheduler"),
    ("scheduler=step", None),
    ("resume=nowhere", "not a run folder"),
    ("resume=", "resume= names no run"),
    ("zoo=resnet", "this command trains zoo=mlp"),
    ("optimizer=null", "choose one of adadelta"),
    ("=3", "key=value"),
    ("+optimizer.lr=3", "leave out the +"),
    ("data=sentiment", "data=sentiment does not fit this command"),
    ("model=resnet18", "python -m zoo.resnet.train trains it"),
    ("model=gpt", "python -m zoo.transformer.train_gpt trains it"),
    ("task=language_modeling", "choose task=classification"),
    ("optimizer.lr=???", "optimizer.lr has no value: give it one with optimizer.lr=...\n"),
    ("optimizer.lr=1e400", "optimizer.lr=inf: it must be a finite number"),
    ("optimizer.betas=[0.9,0.99,0.999]", "0.999]: it must be 2 numbers"),
    ("optimizer._target_=minitorch.optim.Nope", "optimizer._target_=minitorch.optim.Nope"),
    ("optimizer.lr=${nothing}", "optimizer.lr: Interpolation key 'nothing' not found"),
    ("optimizer.eps=-1 optimizer.lr=0.001", "value: -1.0 (given optimizer.eps=-1)\n"),
    ("data.eval_batch_size=1000000000000000000000", "it must be at most 9223372036854775807"),
    ("trainer.max_epochs=-1", "(given trainer.max_epochs=-1)\n"),
    ("model.hidden=[1000000000000]", "(given model.hidden=[1000000000000])\n"),
    ("data/augment=affine data.augment.degrees=nan", "data.augment.degrees=nan: it must be"),
    ("trainer/average=ema trainer.average.decay=2", "(given trainer.average.decay=2)\n"),
    ("trainer.parameter_groups=[{match:.,until_epoch:1}]", "no parameter learns in epoch 1"),
    (
        "trainer.parameter_groups=[{match:bias,until_epoch:1,from_epoch:3}]",
        "must not be before from_epoch, got 1 and 3 (given trainer.parameter_groups=[",
    ),
    ("scheduler=plateau trainer.scheduler_interval=step", "it must be epoch"),
    ("trainer.scheduler_interval=epoch", "it must be step"),
    ("scheduler.epochs=1", "scheduler.epochs=1: the schedule ends before the run"),
    ("scheduler.div_factor=0", "scheduler.div_factor=0.0: it must be positive"),
    ("scheduler=cosine scheduler.T_max=0", "scheduler.T_max=0: it must be positive"),
    ("scheduler=step scheduler.step_size=0", "scheduler.step_size=0: it must be positive"),
    ("scheduler=step scheduler.gamma=-1", "scheduler.gamma=-1.0: it must not be negative"),
    ("scheduler=plateau scheduler.factor=2", "(given scheduler.factor=2)\n"),
    ("scheduler=sequential scheduler.schedulers=[3]", "(given scheduler.schedulers=[3])\n"),
]


@pytest.mark.parametrize(("override", "hint"), [pair for pair in MISTAKES if pair[1]])
def test_a_mistake_is_one_sentence_and_exit_code_2_before_any_data_are_read(
    train, capsys, monkeypatch, tmp_path, override, hint
):
    monkeypatch.setattr("zoo.data.Digits.load", lambda self: pytest.fail("data were read"))
    code, _ = train(*override.split())
    shown = capsys.readouterr()
    assert code == 2
    assert hint in shown.err
    assert not list(tmp_path.glob("runs/*/*/*"))
    assert shown.err.count("\n") == 1
    assert "Traceback" not in shown.out + shown.err


@pytest.mark.skipif(find_spec("optuna") is not None, reason="the [sweep] extra is installed")
def test_a_search_without_its_extra_names_it(train, capsys):
    assert train("hparams_search=mlp")[0] == 2
    assert "the search needs Optuna: make search-mlp" in capsys.readouterr().err


def test_a_diverging_run_ends_with_code_1_and_a_receipt(train, capsys):
    code, folder = train("optimizer=sgd", "scheduler=none", "optimizer.lr=1e30")
    assert code == 1
    assert capsys.readouterr().err.startswith("the loss is nan at step")
    result = json.loads((folder / "result.json").read_text())
    assert result["status"] == "diverged"
    assert result["metric"] == -1e9


def test_missing_data_end_with_code_1_and_one_sentence(train, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    code, folder = train("data=mnist")
    assert code == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert json.loads((folder / "result.json").read_text())["status"] == "failed"


def test_a_run_folder_that_cannot_be_made_is_one_sentence(train, capsys, tmp_path):
    (tmp_path / "file").touch()
    code, _ = train(f"hydra.run.dir={tmp_path}/file/run")
    assert code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "file/run" in error


def test_a_run_folder_that_cannot_be_written_is_one_sentence(train, capsys, tmp_path):
    (tmp_path / "run" / "train.log").mkdir(parents=True)
    code, _ = train(f"hydra.run.dir={tmp_path}/run")
    assert code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "run/train.log" in error


def test_a_schedule_shorter_than_the_run_is_refused_before_training(train, capsys):
    assert train("scheduler.steps_per_epoch=4")[0] == 2
    error = capsys.readouterr().err
    assert "scheduler.steps_per_epoch=4: the schedule ends before the run" in error
    assert "trainer.max_epochs=2 of 9 steps" in error


def test_a_full_memory_is_one_sentence(train, capsys, monkeypatch):
    def full(self):
        raise MemoryError("Unable to allocate 233. TiB")

    monkeypatch.setattr("zoo.data.ImageData.prepare", full)
    code, folder = train()
    assert code == 1
    assert capsys.readouterr().err.startswith("the memory is full (Unable to allocate 233. TiB)")
    assert json.loads((folder / "result.json").read_text())["status"] == "failed"


def test_a_disk_that_fills_up_ends_the_run_with_one_sentence(train, capsys, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("minitorch.save", full)
    code, folder = train()
    assert code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "No space left on device" in error
    assert json.loads((folder / "result.json").read_text())["status"] == "failed"


def test_what_nobody_foresaw_keeps_its_traceback(train, monkeypatch):
    def broken(self):
        raise KeyError("a bug")

    monkeypatch.setattr("zoo.data.ImageData.sizes", broken)
    with pytest.raises(KeyError, match="a bug"):
        train()


@pytest.mark.parametrize("mode", ["one_batch", "profile"])
def test_debug_modes(train, tmp_path, mode):
    code, folder = train(f"debug={mode}")
    assert code == 0
    assert folder.is_relative_to(tmp_path / "runs" / "debug" / "mlp" / mode)
    assert (folder / "profile.txt").is_file() == (mode == "profile")
    assert json.loads((folder / "result.json").read_text())["steps"] == (
        1 if mode == "one_batch" else 18
    )


def test_overfitting_a_batch_drives_the_loss_down(train):
    code, folder = train("debug=overfit_batch", small=("trainer.keep_memory=false",))
    assert code == 0
    history = json.loads((folder / "result.json").read_text())["history"]
    assert history[-1]["train/loss"] < 0.1 * history[0]["train/loss"]


@pytest.mark.slow
def test_from_another_working_folder_in_a_process(command, tmp_path):
    done = command("data.n_train=300", "trainer.max_epochs=1")
    assert done.returncode == 0, done.stderr
    assert "run folder:  runs/mlp/" in done.stdout
    assert "Traceback" not in done.stderr
    assert (tmp_path / "runs" / "mlp").is_dir()


@pytest.mark.slow
def test_help_and_settings_are_printed_without_a_run(command, tmp_path):
    shown = command("--help")
    assert shown.returncode == 0
    assert "optimizer.lr=0.05" in shown.stdout
    assert "max_epochs: 30" in shown.stdout
    assert "schema" not in shown.stdout
    assert "$" not in shown.stdout.replace("${", "")
    settings = command("--cfg", "job", "optimizer=sgd", "--resolve")
    assert yaml.safe_load(settings.stdout)["optimizer"]["momentum"] == 0.0
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_the_printed_command_continues(tmp_path, environment, number):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "zoo.mlp.train",
            "trainer.max_epochs=400",
            "scheduler=none",
            "trainer.histograms_every_epochs=0",
        ],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(tmp_path, "runs/**/last.safetensors")
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert errors.count("\n") == 1
    assert "Traceback" not in errors
    resume = errors.split("continue with: ")[1].strip().split("resume=")[1]
    [folder] = [path.parent for path in tmp_path.glob("runs/**/result.json")]
    assert json.loads((folder / "result.json").read_text())["status"] == "interrupted"
    state = minitorch.load(folder / "checkpoints" / "last.safetensors")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "zoo.mlp.train",
            f"resume={resume}",
            f"trainer.max_epochs={state['progress']['epoch'] + 1}",
        ],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert f"continuing after step {state['progress']['step']}" in done.stdout


@pytest.mark.slow
@pytest.mark.long
def test_kill_9_at_any_time_and_resume_end_with_the_same_bytes(tmp_path, environment):
    settings = [
        "data.batch_size=16",
        "data/augment=affine",
        "data.num_workers=1",
        "model.dropout=0.2",
        "optimizer=momentum",
        "optimizer.lr=0.01",
        "trainer.max_epochs=20",
        "trainer.checkpoint_every_steps=7",
        "trainer.num_threads=1",
        "trainer.histograms_every_epochs=0",
    ]
    program = [sys.executable, "-m", "zoo.mlp.train"]
    options = {"cwd": tmp_path, "env": environment, "text": True}
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    subprocess.run(
        [*program, *settings, f"hydra.run.dir={whole}"],
        check=True,
        capture_output=True,
        timeout=200,
        **options,
    )
    arguments, kills = [*settings, f"hydra.run.dir={cut}"], 0
    for pause in (0.05, 0.4, 0.9):
        process = subprocess.Popen([*program, *arguments], stdout=subprocess.DEVNULL, **options)
        last = cut / "checkpoints" / "last.safetensors"
        before = last.stat().st_mtime_ns if last.exists() else 0
        while process.poll() is None and not (last.exists() and last.stat().st_mtime_ns > before):
            time.sleep(0.005)
        time.sleep(pause)
        process.kill()
        kills += process.wait() == -signal.SIGKILL
        arguments = [f"resume={cut}"]
    assert kills >= 2
    done = subprocess.run([*program, *arguments], capture_output=True, timeout=200, **options)
    assert done.returncode == 0, done.stderr
    states = [
        minitorch.load(folder / "checkpoints" / "last.safetensors") for folder in (whole, cut)
    ]
    for state in states:
        state["progress"].pop("seconds")
        for entry in state["history"]:
            entry.pop("seconds")
    assert equal(*states)
    best = [folder / "checkpoints" / "best.safetensors" for folder in (whole, cut)]
    assert best[0].read_bytes() == best[1].read_bytes()


def equal(first, second):
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(equal(first[k], second[k]) for k in first)
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(equal, first, second))
    if isinstance(first, minitorch.Tensor):
        return first.numpy().tobytes() == second.numpy().tobytes()
    return first == second


def wait_for(folder, pattern, seconds=60):
    end = time.monotonic() + seconds
    while not list(folder.glob(pattern)):
        assert time.monotonic() < end, f"no {pattern}"
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("sink", ["| head -1", "> /dev/full"])
def test_a_run_goes_on_when_nobody_reads_its_output(tmp_path, environment, sink):
    if "full" in sink and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    program = f"{sys.executable} -m zoo.mlp.train data.n_train=300 trainer.max_epochs=3"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{program} {sink}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "the run goes on" in done.stderr
    assert done.stderr.count("\n") == 1
    [result] = tmp_path.glob("runs/**/result.json")
    assert json.loads(result.read_text())["status"] == "finished"


def test_matrix_products_use_one_thread_of_blas(train):
    kernels.start_over()
    assert train("trainer.max_epochs=1")[0] == 0
    assert kernels.work_is_shared()


def test_a_lower_loss_is_better_without_being_told(train):
    code, folder = train("trainer.monitor=val/loss", "trainer.tensorboard=false")
    assert code == 0
    result = json.loads((folder / "result.json").read_text())
    assert result["mode"] == "min"
    assert result["metric"] == min(entry["val/loss"] for entry in result["history"])

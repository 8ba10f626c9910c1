"""Sweeps: jobs that fail are named and lose nothing, and what is there already is not run again."""

import json
import logging
import os
import signal
import subprocess
import sys
import time

import pytest

from zoo.training.sweep import print_jobs, read_jobs
from zoo.training.sweep_start import LaunchLines


@pytest.mark.slow
def test_a_failed_job_is_named_and_loses_none_of_the_others(train, tmp_path, capfd):
    arguments = (
        "--multirun",
        "optimizer=sgd",
        "scheduler=none",
        "optimizer.lr=0.1,-1,1e30,0.01",
        "hydra.sweep.dir=runs/sweep",
        "trainer.tensorboard=false",
    )
    code, _ = train(*arguments)
    shown = capfd.readouterr()
    assert code == 1
    jobs = read_jobs(tmp_path / "runs" / "sweep")
    assert sorted(job["status"] for job in jobs) == ["diverged", "failed", "finished", "finished"]
    assert jobs[0]["metric"] >= jobs[1]["metric"]
    assert "Invalid learning rate: -1" in shown.out
    assert "3_" in shown.out
    assert (
        "2 of 4 jobs did not finish; the same command with hydra.sweep.dir=runs/sweep "
        "runs only what is missing"
    ) in shown.out
    assert "Traceback" not in shown.out + shown.err

    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/sweep/*/checkpoints/*")}
    code, _ = train(*arguments)
    again = capfd.readouterr()
    assert code == 1
    assert again.out.count("not run again") == 3  # two finished, one diverged
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


@pytest.mark.slow
def test_an_unfinished_job_goes_on_where_it_was(train, tmp_path, capfd):
    arguments = ("--multirun", "seed=1,2", "hydra.sweep.dir=runs/sweep", "scheduler=none")
    assert train(*arguments)[0] == 0
    [folder] = list((tmp_path / "runs" / "sweep").glob("1_*"))
    whole = (folder / "checkpoints" / "best.safetensors").read_bytes()
    result = json.loads((folder / "result.json").read_text())
    result["status"] = "running"  # as a process that was killed leaves it
    (folder / "result.json").write_text(json.dumps(result))
    assert train(*arguments)[0] == 0
    assert capfd.readouterr().out.count("not run again") == 1
    assert "continuing after step 18" in (folder / "train.log").read_text()
    assert (folder / "checkpoints" / "best.safetensors").read_bytes() == whole


@pytest.mark.slow
def test_a_sweep_folder_of_other_settings_is_refused(train, tmp_path, capfd):
    arguments = ("--multirun", "seed=1", "hydra.sweep.dir=runs/sweep")
    assert train(*arguments)[0] == 0
    done = capfd.readouterr().out
    assert train("--multirun", "seed=2", "hydra.sweep.dir=runs/sweep")[0] == 1
    shown = capfd.readouterr().out
    assert "holds a job with other settings (seed); choose another hydra.sweep.dir" in shown
    assert "runs only what is missing" not in shown
    [row] = [line for line in shown.splitlines() if line.startswith("│")]
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["0", "", "", "", "refused"]
    assert "│ 0   │" in done
    assert " %" in done
    [job] = read_jobs(tmp_path / "runs" / "sweep")
    assert job["status"] == "refused"
    assert job["result"]["seed"] == 1


@pytest.mark.slow
def test_jobs_are_named_by_what_is_swept_and_nothing_else(train, tmp_path, capfd):
    constant = ("optimizer.lr=0.01", "tags=[a]", "trainer.tensorboard=false")
    swept = ("seed=1,2", "data/augment=none,affine", "hydra.sweep.dir=runs/sweep")
    assert train("--multirun", *constant, *swept, small=("data.n_train=100",))[0] == 0
    assert {path.name for path in (tmp_path / "runs" / "sweep").glob("*/")} == {
        "0_data.augment=none,seed=1",
        "1_data.augment=affine,seed=1",
        "2_data.augment=none,seed=2",
        "3_data.augment=affine,seed=2",
    }
    assert "best job:      runs/sweep/" in capfd.readouterr().out


def test_the_table_of_a_search_fits_on_80_columns(capsys):
    keys = ("optimizer.lr", "model.hidden", "model.dropout", "data.batch_size")
    drawn = [
        ("0.0004913809200575492", "[256,128]", "0.07157991951599363", "128"),
        ("0.016135188784919460", "[64]", "0.3", "32"),
    ]
    jobs = [
        {
            "name": f"2026-11-29_15-45-56-387943_{number}",
            "number": number,
            "overrides": [f"{key}={value}" for key, value in zip(keys, values, strict=True)],
            "status": "finished",
            "monitor": "val/accuracy",
            "metric": 1.0,
            "result": {"test": {"accuracy": 1.0}, "seconds": 123.4},
        }
        for number, values in enumerate(drawn)
    ]
    print_jobs(jobs)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    heading = " ".join(line for line in lines if line.startswith("┃"))
    for word in ("job", "lr", "hidden", "dropout", "batch", "size", "accuracy", "seconds"):
        assert f" {word} " in heading
    assert "status" not in heading
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]
    assert rows == [
        ["0", "0.000491", "[256,128]", "0.0716", "128", "100.00 %", "100.00 %", "123.4"],
        ["1", "0.0161", "[64]", "0.3", "32", "100.00 %", "100.00 %", "123.4"],
    ]


def test_the_launcher_says_one_short_line():
    lines = LaunchLines()
    texts = [
        "Joblib.Parallel(n_jobs=-1,backend=loky,mmap_mode=r) is launching 6 jobs",
        "Launching jobs, sweep output dir : runs/sweep",
        "\t#0 : seed=0",
    ]
    records = [logging.LogRecord("any", logging.INFO, "", 0, text, (), None) for text in texts]
    kept = [record.getMessage() for record in records if lines.filter(record)]
    assert kept == ["Launching 6 jobs in parallel; folder: runs/sweep", "\t#0 : seed=0"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_sweep_says_how_to_go_on_and_no_more(number, tmp_path, environment):
    """SIGINT goes to all processes, as that of a terminal does; SIGTERM to the first one."""
    arguments = ("seed=1,2,3", "trainer.max_epochs=1000", "hydra.sweep.dir=runs/sweep")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "zoo.mlp.train", "--multirun", "hydra/launcher=parallel"),
            *("hydra.launcher.n_jobs=2", *arguments),
        ],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 120
    logs = []
    while len(logs) < 2 and time.monotonic() < until:  # both have begun, and are at some step
        time.sleep(0.1)
        found = tmp_path.glob("runs/sweep/*/train.log")
        logs = [path for path in found if "epoch 1/" in path.read_text()]
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=60)  # ends when no process holds the pipes
    assert process.returncode == 128 + number
    assert err == (
        "stopped: the same command with hydra.sweep.dir=runs/sweep runs only what is missing\n"
    )
    assert "resume=" not in out
    statuses = [job["status"] for job in read_jobs(tmp_path / "runs" / "sweep")]
    assert statuses.count("interrupted") == 2


def test_a_mistake_in_a_sweep_ends_it_before_the_first_job(train, tmp_path, capfd):
    assert train("--multirun", "optimizer=sgd,admw")[0] == 2
    assert "did you mean adamw" in capfd.readouterr().err
    assert not list(tmp_path.glob("runs/**/result.json"))


@pytest.mark.slow
def test_overrides_with_slashes_and_of_any_length(train, tmp_path, capfd):
    names = ["n" * 300, "o" * 300]
    code, _ = train(
        "--multirun",
        "data/augment=none,affine",
        f"tags=[{names[0]}]",
        f"+trainer.parameter_groups=[{{match:{names[0]}}}],[{{match:{names[1]}}}]",
        "hydra.sweep.dir=runs/sweep",
        "trainer.max_epochs=1",
        "trainer.tensorboard=false",
    )
    assert code == 1  # no parameter has such a name
    assert len(read_jobs(tmp_path / "runs" / "sweep")) == 4
    assert "4 of 4 jobs did not finish" in capfd.readouterr().out


@pytest.mark.slow
@pytest.mark.long
def test_parallel_processes(command, tmp_path):
    arguments = (
        "--multirun",
        "hydra/launcher=parallel",
        "data.n_train=300",
        "trainer.max_epochs=2",
        "optimizer.lr=0.001,0.01",
        "seed=0,1",
        "hydra.sweep.dir=runs/sweep",
    )
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
    jobs = read_jobs(tmp_path / "runs" / "sweep")
    assert [job["status"] for job in jobs] == ["finished"] * 4
    metrics = [job["metric"] for job in jobs]
    assert metrics == sorted(metrics, reverse=True)
    assert "jobs, the best first" in done.stdout


@pytest.mark.slow
def test_all_runs_of_a_sweep_are_in_one_hparams_table(train, tmp_path):
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

    train("--multirun", "seed=0,1", "hydra.sweep.dir=runs/sweep")
    multiplexer = EventMultiplexer().AddRunsFromDirectory(str(tmp_path / "runs" / "sweep"))
    multiplexer.Reload()
    runs = multiplexer.PluginRunToTagToContent("hparams")
    assert len(runs) == 2
    assert all("_hparams_/session_start_info" in tags for tags in runs.values())


@pytest.mark.slow
@pytest.mark.long
def test_a_search_continues_its_study_on_disk(command, tmp_path):
    pytest.importorskip("optuna", reason="needs the [sweep] extra")
    import optuna

    arguments = (
        "--multirun",
        "hparams_search=mlp",
        "data.n_train=200",
        "trainer.max_epochs=1",
        "hydra.sweeper.n_trials=2",
    )
    for _ in range(2):
        done = command(*arguments)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout + done.stderr
    study = optuna.load_study("mlp", f"sqlite:///{tmp_path}/runs/mlp/search/study.db")
    assert len(study.trials) == 4
    assert all(trial.value is not None for trial in study.trials)

"""Sweeps: jobs that fail are named and lose nothing, and what is there already is not run again."""

import json

import pytest

from zoo.training.sweep import read_jobs


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
    assert "2 of 4 jobs did not finish" in shown.out
    assert "Traceback" not in shown.out + shown.err

    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/sweep/*/checkpoints/*")}
    code, _ = train(*arguments)
    again = capfd.readouterr()
    assert code == 1
    assert again.out.count("not run again") == 3  # two finished, one diverged
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


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


def test_a_sweep_folder_of_other_settings_is_refused(train, tmp_path, capfd):
    arguments = ("--multirun", "seed=1", "hydra.sweep.dir=runs/sweep")
    assert train(*arguments)[0] == 0
    assert train("--multirun", "seed=2", "hydra.sweep.dir=runs/sweep")[0] == 1
    assert "holds a job with other settings (seed)" in capfd.readouterr().out
    [job] = read_jobs(tmp_path / "runs" / "sweep")
    assert job["status"] == "refused"
    assert job["result"]["seed"] == 1


def test_a_mistake_in_a_sweep_ends_it_before_the_first_job(train, tmp_path, capfd):
    assert train("--multirun", "optimizer=sgd,admw")[0] == 2
    assert "did you mean adamw" in capfd.readouterr().err
    assert not list(tmp_path.glob("runs/**/result.json"))


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
    study = optuna.load_study("mlp", f"sqlite:///{tmp_path}/runs/mlp/search/study.db")
    assert len(study.trials) == 4
    assert all(trial.value is not None for trial in study.trials)

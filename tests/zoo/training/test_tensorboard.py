"""Event files, read back with TensorBoard's own loader."""

import sys

import hydra
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import minitorch
from zoo.pretrained.models import CONFIGURATION
from zoo.training import Callback, evaluate, schema
from zoo.training.eventfile import EventFile
from zoo.training.tensorboard import TensorBoard, chosen_settings


def read(folder):
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0})
    accumulator.Reload()
    return accumulator


def scalars(accumulator, tag):
    return [(event.step, event.value) for event in accumulator.Scalars(tag)]


def board(folder):
    parameters = {"optimizer.lr": 0.01, "model.hidden": [12], "data.n_train": None, "on": True}
    return TensorBoard(folder, parameters, "seed: 3", minitorch.ones(1, 1, 6, 6))


@pytest.fixture
def logged(make_fit, tmp_path):
    log = board(tmp_path)
    fit = make_fit(tmp_path, (log,), histograms_every_epochs=1, figures_every_epochs=3)
    fit.run()
    evaluation = evaluate(fit.learner.model, fit.learner.task, fit.val_batches)
    log.test("test", fit.learner.task, evaluation, fit.progress.step)
    log.close()
    return fit, evaluation, read(tmp_path)


def test_epoch_figures_are_those_of_the_history(logged):
    fit, evaluation, accumulator = logged
    for tag in ("train/loss", "train/accuracy", "val/loss", "val/accuracy"):
        expected = [(entry["step"], pytest.approx(entry[tag])) for entry in fit.history]
        assert scalars(accumulator, tag) == expected
    assert scalars(accumulator, "test/loss") == [(21, pytest.approx(evaluation.values["loss"]))]


def test_step_figures_come_every_so_many_steps(logged):
    _, _, accumulator = logged
    for tag in ("step/loss", "step/accuracy", "lr", "grad_norm", "samples_per_second"):
        assert [step for step, _ in scalars(accumulator, tag)] == list(range(2, 22, 2))


def test_histograms_figures_and_texts_are_there(logged):
    _, _, accumulator = logged
    tags = accumulator.Tags()
    assert "weights/1/weight" in tags["histograms"]
    assert "gradients/1/weight" in tags["histograms"]
    assert len(accumulator.Histograms("weights/1/weight")) == 3
    assert {"val/confusion", "test/confusion"} <= set(tags["images"])
    assert "config/text_summary" in tags["tensors"]


def test_hyperparameters_are_in_the_run_itself_with_all_their_types(logged, tmp_path):
    _, _, accumulator = logged
    from tensorboard.plugins.hparams import metadata, plugin_data_pb2

    contents = accumulator.summary_metadata
    start = contents["_hparams_/session_start_info"].plugin_data.content
    info = plugin_data_pb2.HParamsPluginData.FromString(start).session_start_info
    assert info.hparams["optimizer.lr"].number_value == 0.01
    assert info.hparams["model.hidden"].string_value == "[12]"
    assert info.hparams["data.n_train"].string_value == "None"
    assert info.hparams["on"].bool_value is True
    assert metadata.SESSION_END_INFO_TAG in contents
    assert not [path for path in tmp_path.iterdir() if path.is_dir() and path.name != "checkpoints"]


def test_the_graph_is_there(logged):
    _, _, accumulator = logged
    graph = accumulator.Graph()
    assert any(node.name.startswith("Sequential/Linear[1]/") for node in graph.node)


class PowerCut(BaseException):
    """Ends a process without giving anybody a chance to clean up."""


class CutAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_step(self, fit, result):
        if fit.progress.step == self.step:
            raise PowerCut


def test_a_resumed_run_shows_each_step_once(make_fit, tmp_path):
    settings = {"log_every_steps": 1, "checkpoint_every_steps": 4}
    first = board(tmp_path)
    with pytest.raises(PowerCut):
        make_fit(tmp_path, (first, CutAt(11)), **settings).run()
    first.close()
    assert [step for step, _ in scalars(read(tmp_path), "step/loss")] == list(range(1, 12))
    second = board(tmp_path)
    fit = make_fit(tmp_path, (second,), **settings)
    fit.resume(fit.checkpoints.newest())
    assert fit.progress.step == 8
    fit.run()
    second.close()
    for tag, steps in (("step/loss", range(1, 22)), ("val/loss", (7, 14, 21))):
        assert [step for step, _ in scalars(read(tmp_path), tag)] == list(steps)


def test_what_was_logged_before_a_checkpoint_is_on_disk_when_the_process_is_killed(
    make_fit, tmp_path
):
    log = board(tmp_path)
    fit = make_fit(tmp_path, (log,), max_steps=7, log_every_steps=1)
    fit.run()
    assert [s for s, _ in scalars(read(tmp_path), "step/loss")] == list(
        range(1, 8)
    )  # not closed yet
    log.close()


def test_two_files_of_one_second_do_not_overwrite_each_other(tmp_path):
    files = [EventFile(tmp_path, purge_step=step) for step in range(2)]
    for value, file in enumerate(files):
        file.scalars({"x": value}, step=value)
        file.close()
    assert len(list(tmp_path.iterdir())) == 2
    assert scalars(read(tmp_path), "x") == [(0, 0.0), (1, 1.0)]


def test_histograms_survive_values_that_are_not_finite(tmp_path):
    file = EventFile(tmp_path, purge_step=0)
    file.histogram("mixed", np.array([1.0, np.nan, np.inf]), 0)
    file.histogram("nothing", np.array([np.nan]), 0)
    file.close()
    assert read(tmp_path).Tags()["histograms"] == ["mixed"]


def test_the_file_is_open_only_during_a_run(tmp_path):
    with pytest.raises(RuntimeError, match="open only while"):
        _ = board(tmp_path).file


def test_the_table_has_the_columns_that_were_chosen(logged):
    """The best figure that chooses the weights, and the test; no epoch, no class, no step."""
    _, _, accumulator = logged
    from tensorboard.plugins.hparams import plugin_data_pb2

    content = accumulator.summary_metadata["_hparams_/experiment"].plugin_data.content
    experiment = plugin_data_pb2.HParamsPluginData.FromString(content).experiment
    assert [metric.name.tag for metric in experiment.metric_infos] == [
        *("val/best_accuracy", "test/loss", "test/accuracy", "test/balanced_accuracy")
    ]
    assert {info.name for info in experiment.hparam_infos} == {
        *("optimizer.lr", "model.hidden", "data.n_train", "on")
    }


def test_the_best_figure_so_far_is_a_curve(logged):
    fit, _, accumulator = logged
    best = np.maximum.accumulate([entry["val/accuracy"] for entry in fit.history])
    assert [value for _, value in scalars(accumulator, "val/best_accuracy")] == pytest.approx(best)


def test_no_scalar_is_outside_of_a_section_but_those_of_a_step(logged):
    _, _, accumulator = logged
    alone = {tag for tag in accumulator.Tags()["scalars"] if "/" not in tag}
    assert alone == {"lr", "grad_norm", "samples_per_second"}
    assert [value for _, value in scalars(accumulator, "train/epoch")] == [1, 2, 3]


def test_the_settings_in_the_table_are_the_main_ones_and_those_typed(tmp_path):
    schema.register()
    seen = []

    @hydra.main(version_base="1.3", config_path=str(CONFIGURATION), config_name="mlp")
    def job(cfg):
        seen.append(chosen_settings(cfg))

    typed = ["optimizer=sgd", "data.val_fraction=0.2", "trainer.max_epochs=3"]
    before, sys.argv = sys.argv, ["train", *typed, f"hydra.run.dir={tmp_path}"]
    try:
        job()
    finally:
        sys.argv = before
    (chosen,) = seen
    assert len(chosen) < 16
    assert chosen["overrides"] == " ".join(typed)
    expected = {"zoo": "mlp", "model": "mlp", "optimizer": "sgd", "scheduler": "one_cycle"}
    expected |= {"seed": 0, "trainer.max_epochs": 3, "data.val_fraction": 0.2}
    expected |= {"model.hidden": [128, 64], "data.batch_size": 32}
    assert expected.items() <= chosen.items()

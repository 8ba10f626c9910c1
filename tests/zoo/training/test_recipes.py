"""What recipes are made of: averages of weights, groups of parameters, schedules, views."""

import itertools
import json
import math

import numpy as np
import pytest

import minitorch
from minitorch import nn, optim
from zoo.training import (
    EMA,
    Classification,
    Lookahead,
    ParameterGroup,
    Trainer,
    Triangle,
    triangular,
)
from zoo.training.groups import GroupedParameters
from zoo.training.views import scores_of_views


class Small(nn.Module):
    """A layer and a normalisation, so that there is a running statistic too."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 4)
        self.norm = nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.norm(self.layer(x)))


def shake(model, seed):
    """Put other numbers into everything the model consists of."""
    rng = np.random.default_rng(seed)
    with minitorch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                values = rng.standard_normal(tensor.shape).astype(np.float32)
                tensor.copy_(minitorch.from_numpy(values))


def values_of(model):
    return {
        name: tensor.numpy().astype(np.float64)
        for name, tensor in model.state_dict().items()
        if tensor.is_floating_point()
    }


def agree(one, other):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-4, atol=1e-6)


# ---------------------------------------------------------------------------------------- averages


def test_the_moving_average_of_weights_and_statistics():
    model = Small()
    expected = values_of(model)
    average = EMA(model, total_steps=40, decay=0.8)
    for step in range(1, 41):
        shake(model, step)
        average.update(step)
        decay = min(0.8, (1 + step) / (10 + step))
        own = values_of(model)
        expected = {k: decay * expected[k] + (1 - decay) * own[k] for k in own}
    with average.applied():
        agree(values_of(model), expected)
    agree(values_of(model), own)


def test_statistics_that_training_moves_are_followed():
    model = Small()
    average = EMA(model, total_steps=1, decay=0.5)
    model(minitorch.randn(8, 3) + 4)
    average.update(100)
    after = model.norm.running_mean.numpy().copy()
    assert np.abs(after).max() > 0.01
    with average.applied():
        np.testing.assert_allclose(model.norm.running_mean.numpy(), after / 2, rtol=1e-5)


def test_lookahead_puts_the_weights_where_the_average_is():
    model = Small()
    slow = values_of(model)
    average = Lookahead(model, total_steps=10, every=2, decay=0.9, power=3.0)
    for step in range(1, 11):
        shake(model, step)
        own = values_of(model)
        average.update(step)
        if step % 2 == 0:
            decay = 0.9 * (step / 10) ** 3
            own = slow = {k: decay * slow[k] + (1 - decay) * own[k] for k in own}
        agree(values_of(model), own)
    with average.applied():
        agree(values_of(model), slow)


def test_a_model_gets_its_own_weights_back_when_an_evaluation_fails():
    model = Small()
    average = EMA(model, total_steps=1)
    shake(model, 1)
    own = values_of(model)
    with pytest.raises(KeyError), average.applied():
        raise KeyError
    agree(values_of(model), own)


@pytest.mark.parametrize(
    "make",
    [
        lambda model: EMA(model, 9, decay=1.0),
        lambda model: Lookahead(model, 9, decay=1.5),
        lambda model: Lookahead(model, 9, every=0),
    ],
)
def test_impossible_averages_are_refused(make):
    with pytest.raises(ValueError, match="got"):
        make(Small())


@pytest.mark.parametrize("average", [EMA, Lookahead])
def test_an_interrupted_run_goes_on_with_the_same_average(tmp_path, make_fit, weights_of, average):
    def fit_in(folder, **settings):
        fit = make_fit(tmp_path / folder, **settings)
        fit.learner.averaging = average(fit.learner.model, 21)
        return fit

    whole = fit_in("whole")
    whole.run()
    broken = fit_in("broken", max_steps=9)
    broken.run()
    resumed = fit_in("broken")
    resumed.resume(resumed.checkpoints.last)
    resumed.run()
    assert weights_of(whole) == weights_of(resumed)
    with whole.learner.averaged(), resumed.learner.averaged():
        assert weights_of(whole) == weights_of(resumed)
    assert whole.history[-1]["val/loss"] == resumed.history[-1]["val/loss"]


def test_the_average_is_what_is_validated_and_saved(tmp_path, make_fit):
    fit = make_fit(tmp_path, max_epochs=1, monitor=None)
    fit.learner.averaging = EMA(fit.learner.model, 7, decay=0.5)
    fit.run()
    saved = minitorch.load(fit.checkpoints.best)
    with fit.learner.averaged():
        agree(values_of(fit.learner.model), {k: v.numpy() for k, v in saved.items()})
    assert not np.allclose(saved["1.weight"].numpy(), fit.learner.model[1].weight.detach().numpy())


# ------------------------------------------------------------------------------------------ groups


def test_the_first_rule_that_fits_counts():
    model = Small()
    rules = [ParameterGroup(r"norm\.bias", lr_scale=64.0), ParameterGroup("bias|norm", 1.0, 0.0)]
    groups = GroupedParameters.of(model, rules)
    optimizer = groups.optimizer(lambda p: optim.SGD(p, lr=0.1, weight_decay=0.5))
    rest, fast, plain = optimizer.param_groups
    assert {id(p) for p in rest["params"]} == {id(model.layer.weight), id(model.head.weight)}
    assert [id(p) for p in fast["params"]] == [id(model.norm.bias)]
    assert len(plain["params"]) == 3
    assert [g["lr"] for g in optimizer.param_groups] == pytest.approx([0.1, 6.4, 0.1])
    assert [g["weight_decay"] for g in optimizer.param_groups] == [0.5, 0.5, 0.0]


def test_without_rules_there_is_one_group():
    groups = GroupedParameters.of(Small(), [])
    optimizer = groups.optimizer(lambda p: optim.SGD(p, lr=0.1))
    assert [len(group["params"]) for group in optimizer.param_groups] == [6]


def test_a_rule_that_fits_nothing_is_refused():
    with pytest.raises(ValueError, match="fits no parameter"):
        GroupedParameters.of(Small(), [ParameterGroup("conv")])


@pytest.mark.parametrize(
    "settings", [{"match": "("}, {"match": "a", "lr_scale": -1}, {"match": "a", "from_epoch": -1}]
)
def test_impossible_rules_are_refused(settings):
    with pytest.raises(ValueError, match=r"regular expression|must not be negative"):
        ParameterGroup(**settings)


def test_parameters_learn_in_their_epochs_only(tmp_path, make_fit):
    fit = make_fit(tmp_path, max_epochs=4)
    model = fit.learner.model
    rules = [
        ParameterGroup(r"^4\.bias", until_epoch=1),
        ParameterGroup(r"^4\.weight", from_epoch=2),
    ]
    fit.learner.groups = GroupedParameters.of(model, rules)
    seen = []

    class Watch:
        def __getattr__(self, name):
            return lambda *args: None

        def on_epoch_end(self, fit, values, evaluation):
            seen.append([model[4].bias.detach().numpy(), model[4].weight.detach().numpy()])
            seen[-1] = [array.copy() for array in seen[-1]]

    start = [model[4].bias.detach().numpy().copy(), model[4].weight.detach().numpy().copy()]
    fit.callbacks = [Watch()]
    fit.run()
    epochs = [start, *seen]
    moved = [
        [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
        for before, after in itertools.pairwise(epochs)
    ]
    assert moved == [[True, False], [False, False], [False, True], [False, True]]


# --------------------------------------------------------------------------------------- schedules


def test_a_triangle_rises_and_falls_along_straight_lines():
    factor = Triangle(576, 0.23, 0.2, 0.07)
    peak = int(576 * 0.23)
    assert factor(0) == 0.2
    assert factor(peak) == 1.0
    assert factor(576) == factor(9999) == pytest.approx(0.07)
    rise = np.diff([factor(step) for step in range(peak + 1)])
    fall = np.diff([factor(step) for step in range(peak, 577)])
    np.testing.assert_allclose(rise, 0.8 / peak, rtol=1e-9)
    np.testing.assert_allclose(fall, -0.93 / (576 - peak), rtol=1e-9)


def test_every_group_follows_the_triangle_from_its_own_rate():
    parameters = [nn.Parameter(minitorch.zeros(1)) for _ in range(2)]
    optimizer = optim.SGD(
        [{"params": [parameters[0]], "lr": 1.0}, {"params": [parameters[1]], "lr": 64.0}]
    )
    scheduler = triangular(optimizer, epochs=2, steps_per_epoch=5, pct_start=0.2)
    for step in range(10):
        factor = Triangle(10, 0.2)(step)
        rates = [group["lr"] for group in optimizer.param_groups]
        assert rates == pytest.approx([factor, 64 * factor])
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("settings", [{"pct_start": 2.0}, {"total_steps": 0}, {"end_factor": -1}])
def test_impossible_triangles_are_refused(settings):
    with pytest.raises(ValueError, match="got"):
        Triangle(**{"total_steps": 10, **settings})


# ------------------------------------------------------------------------------------------- views


@pytest.mark.parametrize("level", [0, 1, 2])
def test_views_are_weighted_means(level):
    rng = np.random.default_rng(0)
    images = rng.standard_normal((2, 3, 6, 6)).astype(np.float32)
    weight = rng.standard_normal((3 * 36, 4)).astype(np.float32)

    class Scores(nn.Module):
        def forward(self, x):
            return x.flatten(1) @ minitorch.from_numpy(weight)

    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)), "reflect")
    views = {(1, 1, False): [1.0, 0.5, 0.25], (1, 1, True): [0.0, 0.5, 0.25]}
    for corner in (0, 2):
        for mirrored in (False, True):
            views[(corner, corner, mirrored)] = [0.0, 0.0, 0.125]
    expected = np.zeros((2, 4))
    for (top, left, mirrored), shares in views.items():
        view = padded[:, :, top : top + 6, left : left + 6]
        view = view[..., ::-1] if mirrored else view
        expected += shares[level] * (view.reshape(2, -1) @ weight)
    found = scores_of_views(Scores(), minitorch.from_numpy(images), level)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-4)


def test_views_are_for_evaluations_of_images():
    task = Classification("ab", views=1)
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    image = minitorch.arange(4.0).reshape(1, 1, 2, 2)
    batch = (image, minitorch.tensor([0]))
    alone = task.step(model.train(), batch).scores
    np.testing.assert_allclose(alone, model(image).detach().numpy())
    both = task.step(model.eval(), batch).scores
    np.testing.assert_allclose(both, scores_of_views(model, image, 1).detach().numpy())
    assert not np.allclose(alone, both)
    with pytest.raises(ValueError, match="need images"):
        task.step(nn.Linear(4, 2).eval(), (minitorch.zeros(1, 4), minitorch.tensor([0])))
    with pytest.raises(ValueError, match="views must be one of 0, 1, 2"):
        Classification("ab", views=3)


# ------------------------------------------------------------------------ the last epoch's weights


def test_without_a_figure_to_watch_the_last_weights_are_chosen(tmp_path, make_fit):
    fit = make_fit(tmp_path, monitor=None)
    fit.val_batches = None
    fit.run()
    saved = {name: tensor.numpy() for name, tensor in minitorch.load(fit.checkpoints.best).items()}
    agree(values_of(fit.learner.model), saved)
    assert fit.tracker.best_step == fit.progress.step
    assert all("val/loss" not in entry for entry in fit.history)
    assert math.isfinite(fit.history[-1]["train/loss"])


def test_patience_needs_a_figure_to_watch():
    with pytest.raises(ValueError, match="patience"):
        Trainer(monitor=None, patience=3)


def test_a_run_on_all_the_data_says_what_its_weights_were_chosen_by(train, capsys):
    code, folder = train("data.val_fraction=0", "trainer.monitor=null")
    assert code == 0
    assert "being the last" in capsys.readouterr().out
    assert '"metric": null' in (folder / "result.json").read_text()


@pytest.mark.parametrize(
    ("overrides", "hint"),
    [
        (["data.val_fraction=0"], "nothing is held out"),
        (["trainer.monitor=null", "scheduler=plateau"], "scheduler=plateau watches"),
        (["trainer.parameter_groups=[{match: conv}]"], "fits no parameter"),
        (["trainer.parameter_groups=[{mach: conv}]"], "mach"),
        (["task.views=3"], "views must be one of"),
        (["trainer/average=emma"], "did you mean ema"),
    ],
)
def test_mistakes_are_one_sentence(train, capsys, overrides, hint):
    code, _ = train(*overrides)
    shown = capsys.readouterr().err
    assert code == 2
    assert hint in shown
    assert shown.count("\n") == 1


def test_one_cycle_keeps_the_proportions_of_the_rates(train):
    code, folder = train("trainer.parameter_groups=[{match: bias, lr_scale: 0.5}]")
    assert code == 0
    history = json.loads((folder / "result.json").read_text())["history"]
    assert history[-1]["lr/1"] == pytest.approx(history[-1]["lr/0"] / 2)

"""What looks at a model in evaluation mode leaves each of its modules in the mode it was in."""

import pytest
from omegaconf import OmegaConf

import minitorch
from minitorch import nn
from zoo.mlp import MLP
from zoo.training import Classification, ConfigError, evaluate
from zoo.training.fitting import try_model
from zoo.training.graph import record_graph
from zoo.training.modes import evaluation_mode


class Images:
    shape = (1, 6, 6)


def with_a_part_in_evaluation_mode(features=36):
    model = MLP(features, 3, dropout=0.5)
    model.hidden[1].eval()
    return model


def modes(model):
    return [module.training for module in model.modules()]


def evaluated(model):
    evaluate(model, Classification("abc"), [(minitorch.ones(2, 1, 6, 6), minitorch.tensor([0, 1]))])


def tried(model):
    try_model(OmegaConf.create({"model": {}, "data": {}}), model, Images())


def recorded(model):
    record_graph(model, minitorch.ones(1, 1, 6, 6))


LOOKING = pytest.mark.parametrize("look", [evaluated, tried, recorded])


@LOOKING
def test_every_module_returns_to_its_own_mode(look):
    model = with_a_part_in_evaluation_mode()
    seen = []
    model.register_forward_hook(lambda *_: seen.append(any(modes(model))))
    before = modes(model)
    look(model)
    assert seen == [False]
    assert modes(model) == before


@LOOKING
def test_every_module_returns_to_its_own_mode_after_an_error(look):
    model = with_a_part_in_evaluation_mode(features=35)
    before = modes(model)
    with pytest.raises((RuntimeError, ConfigError)):
        look(model)
    assert modes(model) == before


def test_a_module_that_occurs_twice_returns_to_its_mode():
    shared = nn.Dropout().eval()
    model = nn.Sequential(shared, nn.Dropout(), shared)
    with evaluation_mode(model):
        assert not any(modes(model))
    assert [module.training for module in model] == [False, True, False]

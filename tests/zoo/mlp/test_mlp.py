"""The perceptron: its shape, its settings, and that its recipe works."""

import json

import pytest

import minitorch
from minitorch import nn
from zoo.mlp import ACTIVATIONS, MLP


def test_the_default_is_the_network_of_the_course():
    shapes = {name: tuple(p.shape) for name, p in MLP().named_parameters()}
    assert shapes == {
        "hidden.0.weight": (128, 784),
        "hidden.0.bias": (128,),
        "hidden.1.weight": (64, 128),
        "hidden.1.bias": (64,),
        "output.weight": (10, 64),
        "output.bias": (10,),
    }


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4, 3)])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_any_depth(hidden, dropout):
    model = MLP(12, 3, hidden, dropout=dropout)
    assert model(minitorch.randn(2, 3, 2, 2)).shape == (2, 3)
    kinds = [type(module) for module in model.modules()]
    assert kinds.count(nn.Linear) == len(hidden) + 1
    assert kinds.count(nn.Dropout) == (1 if dropout else 0)


def test_dropout_changes_no_key_of_the_state():
    plain, dropping = MLP(4, 2, (3,)), MLP(4, 2, (3,), dropout=0.5, input_dropout=0.5)
    assert plain.state_dict().keys() == dropping.state_dict().keys()


def test_inputs_are_dropped_in_training_only():
    model = MLP(400, 2, (), input_dropout=0.5)
    nn.init.ones_(model.output.weight)
    nn.init.zeros_(model.output.bias)
    x = minitorch.ones(1, 400)
    assert 250 < model(x)[0, 0].item() < 550
    assert model(x)[0, 0].item() != 400.0
    assert model.eval()(x)[0, 0].item() == 400.0


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_any_activation(name):
    x = minitorch.randn(4, 6)
    model = MLP(6, 2, (5,), activation=name)
    expected = model.output(ACTIVATIONS[name]()(model.hidden[0](x)))
    assert minitorch.allclose(model(x), expected)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activation": "relo"}, "relu, leaky_relu"),
        ({"hidden": (0,)}, "positive integer"),
        ({"in_features": -1}, "positive integer"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
        ({"input_dropout": -0.1}, "input_dropout must be at least 0"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        MLP(**settings)


@pytest.mark.slow
def test_the_default_recipe_reaches_97_percent_on_the_test_set(train):
    code, folder = train("experiment=mlp_digits", small=("trainer.keep_memory=false",))
    assert code == 0
    result = json.loads((folder / "result.json").read_text())
    assert result["test"]["accuracy"] >= 0.97
    assert result["seconds"] < 60


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize("augment", ["none", "affine"])
def test_mnist_learns_from_files_on_disk(train, data_root, augment):
    code, folder = train(
        "data=mnist",
        f"data.root={data_root}",
        "data.n_train=6000",
        f"data/augment={augment}",
        "trainer.max_epochs=2",
        small=("trainer.keep_memory=false",),
    )
    assert code == 0
    assert json.loads((folder / "result.json").read_text())["test"]["accuracy"] > 0.88

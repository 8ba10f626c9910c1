"""The GraphDef of a model: complete, without duplicates, under module scopes."""

import numpy as np
import pytest

import minitorch
from minitorch import nn
from zoo.mlp import MLP
from zoo.training.graph import record_graph


def nodes_of(model, example):
    return list(record_graph(model, example).node)


def shape_of(node):
    return [dim.size for dim in node.attr["_output_shapes"].list.shape[0].dim]


class Twice(nn.Module):
    """Calls the same layer twice and adds its input, so that names and edges meet again."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, x):
        return {"sum": self.layer(self.layer(x).relu()) + x, "first": x * 2}


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (MLP(36, 3, hidden=(5, 4), dropout=0.5), minitorch.ones(1, 1, 6, 6)),
        (Twice(), minitorch.ones(2, 4)),
        (nn.Sequential(nn.Embedding(7, 4), Twice()), minitorch.zeros(2, 3, dtype=minitorch.int64)),
    ],
)
def test_names_are_unique_and_every_input_exists_before_it_is_used(model, example):
    seen = set()
    for node in nodes_of(model, example):
        assert node.name not in seen
        assert set(node.input) <= seen
        seen.add(node.name)


def test_no_name_is_the_scope_of_another():
    names = {node.name for node in nodes_of(MLP(36, 3), minitorch.ones(1, 36))}
    scopes = {name.rsplit("/", i)[0] for name in names for i in range(1, name.count("/") + 1)}
    assert not names & scopes


def test_scopes_are_modules_and_parameters_stand_with_their_owner():
    nodes = {
        node.name: node for node in nodes_of(MLP(36, 3, hidden=(5,)), minitorch.ones(1, 1, 6, 6))
    }
    weight = nodes["MLP/ModuleList[hidden]/Linear[0]/weight"]
    assert weight.op == "Parameter"
    assert shape_of(weight) == [5, 36]
    users = [n for n in nodes.values() if weight.name in n.input]
    assert users
    assert all(n.name.startswith("MLP/ModuleList[hidden]/Linear[0]/") for n in users)
    assert any(name.startswith("MLP/ReLU[activation]/") for name in nodes)
    assert nodes["input"].op == "Input"
    assert shape_of(nodes["input"]) == [1, 1, 6, 6]
    assert shape_of(nodes["output"]) == [1, 3]


def test_every_parameter_appears_once():
    model = Twice()
    operations = [node.op for node in nodes_of(model, minitorch.ones(2, 4))]
    assert operations.count("Parameter") == 2
    assert operations.count("Output") == 2


def test_the_model_is_left_as_it_was():
    model = MLP(36, 3, dropout=0.5)
    model.hidden[1].eval()
    modes = [module.training for module in model.modules()]
    state = minitorch.get_rng_state().numpy().copy()
    record_graph(model, minitorch.ones(1, 36))
    assert [module.training for module in model.modules()] == modes
    np.testing.assert_array_equal(minitorch.get_rng_state().numpy(), state)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not model._forward_hooks
    assert not model._forward_pre_hooks

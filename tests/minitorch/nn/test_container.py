"""Containers as lists and dicts of modules and parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitorch
from minitorch import nn


def test_sequential_runs_in_order() -> None:
    double, add = (nn.Identity() for _ in range(2))
    double.forward = lambda x: x * 2
    add.forward = lambda x: x + 1
    x = minitorch.ones(1)
    assert nn.Sequential(double, add)(x).item() == 3
    assert nn.Sequential(add, double)(x).item() == 4
    assert nn.Sequential()(x) is x


@given(
    st.lists(
        st.tuples(st.sampled_from(["append", "insert", "delete", "set", "pop"]), st.integers(-9, 9))
    )
)
def test_a_module_list_is_a_list(edits: list[tuple[str, int]]) -> None:
    """Edit a ModuleList, a Sequential and a list alike; compare after every step."""
    model: list[nn.Module] = []
    containers = nn.ModuleList(), nn.Sequential()
    for action, index in edits:
        module = nn.Identity()
        if action in ("delete", "set", "pop") and not -len(model) <= index < len(model):
            continue
        if action == "insert":
            index = max(-len(model), min(index, len(model)))
        for target in (*containers, model):
            if action == "append":
                target.append(module)
            elif action == "insert":
                target.insert(index, module)
            elif action == "delete":
                del target[index]
            elif action == "set":
                target[index] = module
            else:
                target.pop(index)
        for container in containers:
            assert all(a is b for a, b in zip(container, model, strict=True))
            assert list(container._modules) == [str(i) for i in range(len(model))]
            assert all(getattr(container, str(i)) is m for i, m in enumerate(model))
            assert all(container[i] is model[i] for i in range(-len(model), len(model)))


def test_module_dict() -> None:
    made = nn.ModuleDict([("a", nn.ReLU())])
    made["b"] = nn.Tanh()
    made.update({"c": nn.GELU()})
    assert list(made) == list(made.keys()) == ["a", "b", "c"]
    assert [type(m).__name__ for m in made.values()] == ["ReLU", "Tanh", "GELU"]
    assert dict(made.items())["a"] is made["a"]
    assert "a" in made
    assert len(made) == 3
    assert isinstance(made.pop("a"), nn.ReLU)
    del made["b"]
    made.clear()
    assert len(made) == 0
    with pytest.raises(KeyError):
        made["a"]


def test_parameter_list() -> None:
    made = nn.ParameterList([minitorch.ones(2), "text"])
    made.append(minitorch.zeros(1))
    made += [nn.Parameter(minitorch.ones(3))]
    assert [name for name, _ in made.named_parameters()] == ["0", "2", "3"]
    assert made[1] == "text"
    assert made[-1].shape == (3,)
    assert len(made[1:3]) == 2
    made[0] = minitorch.ones(5)
    assert isinstance(made[0], nn.Parameter)
    assert sum(p.numel() for p in made.parameters()) == 9
    with pytest.raises(IndexError, match="index 4 is out of range"):
        made[4]


def test_parameter_dict() -> None:
    made = nn.ParameterDict({"b": minitorch.ones(2), "a": minitorch.ones(1)})
    assert list(made) == ["a", "b"]
    made["c"] = 3
    assert made.get("c") == 3
    assert made.get("z", 7) == made.setdefault("z", 7) == 7
    assert made.pop("z") == 7
    assert made.popitem() == ("c", 3)
    merged = made | {"d": minitorch.ones(4)}
    assert list(merged) == ["a", "b", "d"]
    assert merged["a"] is made["a"]
    assert list({"d": minitorch.ones(4)} | made) == ["d", "a", "b"]
    made |= {"e": minitorch.ones(1)}
    assert list(reversed(made)) == ["e", "b", "a"]
    assert [value.numel() for value in made.values()] == [1, 2, 1]
    assert list(made.copy().keys()) == ["a", "b", "e"]
    assert dict(made.fromkeys(["x"], 1).items()) == {"x": 1}
    del made["a"]
    assert "a" not in made
    with pytest.raises(KeyError):
        made["a"]
    made.clear()
    assert len(made) == 0


def test_parameters_of_containers_are_trained() -> None:
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(2)])
            self.scales = nn.ParameterList([minitorch.ones(1)])

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x * self.scales[0]

    model = Model()
    model(minitorch.ones(1, 2)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    assert len(list(model.parameters())) == 5
    assert np.isfinite(model.scales[0].grad.item())

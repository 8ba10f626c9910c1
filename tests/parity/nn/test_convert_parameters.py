"""Parameters as one vector, against PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import minitorch


def after_a_change_of_the_vector(library: Any, vector: Any) -> list[Any]:
    layer = library.nn.Linear(2, 1)
    library.nn.utils.vector_to_parameters(vector, layer.parameters())
    vector.mul_(2)
    return [(p.tolist(), p.is_leaf, p.requires_grad) for p in layer.parameters()]


def test_parameters_are_views_of_the_vector() -> None:
    ours, theirs = (
        after_a_change_of_the_vector(library, library.arange(1.0, 4.0))
        for library in (minitorch, torch)
    )
    assert ours == theirs == [([[2.0, 4.0]], True, True), ([6.0], True, True)]


@pytest.mark.parametrize("data", [[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], [0, 1, 2]])
def test_what_is_no_vector_of_floats_is_refused(data: Any) -> None:
    for library in (torch, minitorch):
        layer = library.nn.Linear(2, 1)
        with pytest.raises(RuntimeError):
            library.nn.utils.vector_to_parameters(library.tensor(data), layer.parameters())


def test_a_trained_vector_trains_the_layer() -> None:
    found = []
    for library in (torch, minitorch):
        layer = library.nn.Linear(2, 1)
        library.nn.utils.vector_to_parameters(library.arange(3.0), layer.parameters())
        optimizer = library.optim.SGD(layer.parameters(), lr=0.1)
        layer(library.ones(4, 2)).square().mean().backward()
        optimizer.step()
        found.append(library.nn.utils.parameters_to_vector(layer.parameters()).tolist())
    assert found[0] == pytest.approx(found[1])

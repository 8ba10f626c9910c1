"""The declarations for type checkers list exactly what is bound to Tensor."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

import minitorch
from minitorch import methods

STUB = Path(minitorch.__file__).with_name("typing.pyi")
(CLASS,) = (n for n in ast.parse(STUB.read_text()).body if isinstance(n, ast.ClassDef))
DECLARED = {node.name: node for node in CLASS.body if isinstance(node, ast.FunctionDef)}
BOUND: dict[str, Any] = methods.table() | methods.PROPERTIES


def test_it_declares_what_is_bound() -> None:
    assert set(DECLARED) == set(BOUND)


def names_of(function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    star = [arguments.vararg] if arguments.vararg else []
    return [a.arg for a in (*arguments.args, *star, *arguments.kwonlyargs)][1:]


def is_generic(function: Any) -> bool:
    """Whether the signature says nothing: ``(*inputs, **static)``, or a wrapper's."""
    kinds = [p.kind for p in inspect.signature(function).parameters.values()]
    return inspect.Parameter.VAR_KEYWORD in kinds


@pytest.mark.parametrize("name", sorted(n for n in BOUND if not n.startswith("__")))
def test_it_names_the_parameters(name: str) -> None:
    function = BOUND[name]
    if not is_generic(function):
        assert names_of(DECLARED[name]) == list(inspect.signature(function).parameters)[1:]


@pytest.mark.parametrize("name", sorted(BOUND))
def test_everything_bound_is_documented_unless_python_does_it(name: str) -> None:
    assert name.startswith("__") or inspect.getdoc(BOUND[name])

"""Running one script on both libraries: the same values, or the same words of refusal."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import minitorch


def outcome(script: Callable[..., Any], library: Any, *arguments: Any) -> Any:
    """What `script` returns, tensors as (dtype, numbers), or the error that it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return plain(script(library, *arguments))
        except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
            return type(error).__name__, first_sentence(str(error))


def plain(value: Any) -> Any:
    """A value as numbers, strings and arrays."""
    if isinstance(value, minitorch.Tensor | torch.Tensor):
        value = value.detach()
        dtype = str(value.dtype).rpartition(".")[2]
        return dtype, np.array(value.tolist(), dtype=dtype).reshape(tuple(value.shape))
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return first_sentence(value) if isinstance(value, str) else value


def first_sentence(text: str) -> str:
    """The first sentence, with the library's name left out."""
    words = text.replace("minitorch.", "").replace("torch.", "")
    words = words.replace("torch::autograd::", "").split("\n")[0]
    words = re.sub(r", which is output \d of \w+,", "", words)  # names of nodes are our own
    return re.split(r"\.\s|\.(?=See )|\.$", words)[0]


def same(ours: Any, theirs: Any) -> None:
    """Assert that two outcomes agree; our errors may add to torch's first sentence."""
    if isinstance(theirs, np.ndarray):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)
    elif isinstance(theirs, tuple | list) and isinstance(ours, tuple | list):
        assert len(ours) == len(theirs), (ours, theirs)
        for x, y in zip(ours, theirs, strict=True):
            same(x, y)
    elif isinstance(theirs, str) and isinstance(ours, str):
        assert ours.startswith(theirs), f"\nours:   {ours}\ntheirs: {theirs}"
    else:
        assert ours == theirs, (ours, theirs)


def agree(script: Callable[..., Any], *arguments: Any) -> None:
    """Assert that `script` does the same with both libraries."""
    ours = outcome(script, minitorch, *arguments)
    theirs = outcome(script, torch, *arguments)
    same(ours, theirs)


def every(namespace: dict[str, Any]) -> list[Any]:
    """The scripts of a module: its public functions that take the library, called `t`."""
    return [
        value
        for name, value in namespace.items()
        if not name.startswith(("_", "test"))
        and getattr(value, "__code__", None) is not None
        and value.__code__.co_varnames[:1] == ("t",)
    ]

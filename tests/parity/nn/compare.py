"""Running the same computation here and in PyTorch, to first and second derivatives."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import minitorch

RTOL, ATOL = 1e-9, 1e-10  # float64


def both(array: Any) -> tuple[Any, Any]:
    """Return an array as a tensor here and there; what is not an array as it is."""
    if isinstance(array, np.ndarray):
        return minitorch.tensor(array), torch.tensor(array)
    return array, array


def close(ours: Any, theirs: Any, rtol: float = RTOL, atol: float = ATOL) -> None:
    """Assert that two results, or two nests of results, have the same shapes and numbers."""
    if isinstance(theirs, tuple | list):
        assert len(ours) == len(theirs)
        for x, y in zip(ours, theirs, strict=True):
            close(x, y, rtol, atol)
        return
    if theirs is None:
        assert ours is None
        return
    assert tuple(ours.shape) == tuple(theirs.shape)
    assert ours.dtype.name == str(theirs.dtype).removeprefix("torch.")
    expected = theirs.detach().numpy(force=True)
    np.testing.assert_allclose(ours.detach().numpy(), expected, rtol=rtol, atol=atol)


def same_to_second_order(
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    *arrays: np.ndarray,
    second: bool = True,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> None:
    """Assert that two functions of arrays agree in value, gradients and second gradients."""
    rng = np.random.default_rng(0)
    results = []
    for library, function in ((minitorch, ours), (torch, theirs)):
        inputs = [library.tensor(array, requires_grad=True) for array in arrays]
        results.append((library, inputs, function(*inputs)))
    (_, xs, out), (_, ys, expected) = results
    close(out, expected, rtol, atol)
    g = rng.standard_normal(tuple(expected.shape))
    options: dict[str, Any] = {"create_graph": second, "allow_unused": True}
    ours_first = minitorch.autograd.grad(out, xs, minitorch.tensor(g), **options)
    theirs_first = torch.autograd.grad(expected, ys, torch.tensor(g), **options)
    close(zeros_for_none(ours_first, xs), zeros_for_none(theirs_first, ys), rtol, atol)
    if not second:
        return
    weights = [rng.standard_normal(array.shape) for array in arrays]
    ours_sum = projection(minitorch, ours_first, weights)
    theirs_sum = projection(torch, theirs_first, weights)
    if theirs_sum is None or not theirs_sum.requires_grad:
        return
    assert ours_sum is not None
    ours_second = (
        minitorch.autograd.grad(ours_sum, xs, allow_unused=True)
        if ours_sum.requires_grad
        else [None] * len(xs)
    )
    theirs_second = torch.autograd.grad(theirs_sum, ys, allow_unused=True)
    close(zeros_for_none(ours_second, xs), zeros_for_none(theirs_second, ys), rtol, atol)


def same_at(function: Callable[[Any, Any], Any], *arrays: np.ndarray, second: bool = True) -> None:
    """Assert that ``function(library, *tensors)`` agrees where formulas meet, or break down.

    The gradients of an ordinary and of a recorded pass are compared, then whether the recorded
    ones can be differentiated again, and what that gives.
    """
    ours, theirs = (_every_gradient(lib, function, arrays, second) for lib in (minitorch, torch))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-10)


def _every_gradient(library: Any, function: Any, arrays: Any, second: bool) -> list[Any]:
    """Return the value and the gradients of both kinds of pass, their ties, their gradients."""
    inputs = [library.tensor(array, requires_grad=True) for array in arrays]
    out = function(library, *inputs)
    plain = library.autograd.grad(out.sum(), inputs, retain_graph=True)
    recorded = library.autograd.grad(out.sum(), inputs, create_graph=True)
    found = [out, *plain, *recorded]
    if second:
        found.append(library.tensor([g.requires_grad for g in recorded]))
        total = sum(g.sum() for g in recorded)
        if total.requires_grad:
            found += library.autograd.grad(total, inputs)
    return [x.detach().numpy() for x in found]


def zeros_for_none(gradients: Any, inputs: Any) -> list[Any]:
    """Return the gradients, with zeros where there is none."""
    return [
        x.detach() * 0 if gradient is None else gradient
        for gradient, x in zip(gradients, inputs, strict=True)
    ]


def projection(library: Any, gradients: Any, weights: list[np.ndarray]) -> Any:
    """Return the sum of all gradients times random weights: one number to differentiate again."""
    terms = [
        (gradient * library.tensor(weight)).sum()
        for gradient, weight in zip(gradients, weights, strict=True)
        if gradient is not None
    ]
    return sum(terms[1:], terms[0]) if terms else None


def outcome(function: Callable[[], Any]) -> tuple[str, str]:
    """Return the type and the text of what a call raises, in words that fit both libraries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            function()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
            return type(error).__name__, spoken_here(str(error))
    return "nothing", ""


def spoken_here(text: str) -> str:
    """Return one of torch's sentences as this library would say it."""
    return re.sub(r"\btorch\b", "minitorch", text)


def warnings_of(function: Callable[[], Any]) -> list[tuple[str, str]]:
    """Return the categories and texts of the warnings of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return [(w.category.__name__, spoken_here(str(w.message))) for w in caught]

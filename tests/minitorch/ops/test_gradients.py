"""Every operation of the table against finite differences, to second order, in any memory order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.autograd import gradcheck, gradgradcheck
from tests.op_table import CASES, Case

# Their values jump or their differences are not those of the table's derivatives.
NO_DIFFERENCE = (
    "detach",
    ".data",
    "//",
    "rounding_mode",
    "heaviside",
    "-inf",
    "amax(0)",
    "amin((0, 1))",
)
SMOOTH = [
    case
    for case in CASES
    if str(case) != "x.max() x[3]" and not any(word in case.text for word in NO_DIFFERENCE)
]


def contiguous(array: np.ndarray) -> np.ndarray:
    """Return the array as it is."""
    return array


def gapped(array: np.ndarray) -> np.ndarray:
    """Return the array as every second element, backwards, of a transposed one."""
    if array.ndim == 0:
        return array
    wide = np.zeros((*(2 * n for n in array.shape[::-1]),))
    view = wide.T[tuple(slice(None, None, -2) for _ in array.shape)]
    view[...] = array
    return view


@pytest.mark.parametrize("case", SMOOTH, ids=str)
def test_gradients(case: Case) -> None:
    check(case, contiguous)


@pytest.mark.parametrize("case", [c for c in SMOOTH if ".view(" not in c.text], ids=str)
def test_gradients_of_strided_inputs(case: Case) -> None:
    check(case, gapped)


def check(case: Case, layout: Any) -> None:
    arrays = case.inputs()
    constants = {n: minitorch.tensor(a) for n, a in arrays.items() if a.dtype.kind != "f"}
    names = [n for n, a in arrays.items() if a.dtype.kind == "f"]
    leaves = [minitorch.from_numpy(layout(arrays[n])).requires_grad_() for n in names]

    def function(*values: Any) -> Any:
        outputs = case.run(minitorch, constants | dict(zip(names, values, strict=True)))
        return tuple(y for y in outputs if y.requires_grad)

    if not function(*leaves):
        return
    assert gradcheck(function, tuple(leaves), fast_mode=True)
    assert gradgradcheck(function, tuple(leaves), fast_mode=True, atol=1e-4)

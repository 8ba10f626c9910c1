"""Every operation of the table against PyTorch: values, dtypes, first and second gradients."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from tests.op_table import CASES, Case
from tests.parity.nn.compare import close

# What torch has no derivative for, or a wrong one: a scatter from a source larger than the index.
TORCH_LACKS = re.compile("is not implemented|returned an invalid gradient|AsStrided")
LACKING: list[Any] = []


def _gradients(library: Any, case: Case, arrays: dict[str, np.ndarray]) -> tuple[Any, Any, Any]:
    """Return the outputs, the gradients, and the gradients of the gradients."""
    tensors = {name: library.tensor(array) for name, array in arrays.items()}
    leaves = [x for x in tensors.values() if x.is_floating_point()]
    for x in leaves:
        x.requires_grad_()
    outputs = case.run(library, tensors)
    first = _contracted(library, outputs, leaves, create_graph=True)
    known = [g for g in first or () if g is not None]
    return outputs, first, _contracted(library, known, leaves, create_graph=False)


def _contracted(library: Any, outputs: Any, leaves: Any, create_graph: bool) -> Any:
    """Return the gradients of random sums of `outputs`; LACKING if torch cannot."""
    rng = np.random.default_rng(1)
    wanted = [(y, rng.standard_normal(tuple(y.shape))) for y in outputs if y.requires_grad]
    if not wanted:
        return None
    vectors = [library.tensor(v) for _, v in wanted]
    try:
        return library.autograd.grad(
            [y for y, _ in wanted],
            leaves,
            vectors,
            create_graph=create_graph,
            retain_graph=True,
            allow_unused=True,
        )
    except (RuntimeError, NotImplementedError) as error:
        if library is torch and TORCH_LACKS.search(str(error)):
            return LACKING
        raise


def _close_or_zero(ours: Any, theirs: Any, like: list[Any]) -> None:
    """Compare gradients, among which None and zeros mean the same."""
    if theirs is LACKING:
        return
    zeros = [None] * len(like)
    for x, y, leaf in zip(ours or zeros, theirs or zeros, like, strict=True):
        if x is None or y is None:
            known = x if x is not None else y
            assert known is None or not np.any(known.detach().numpy(force=True))
        else:
            assert tuple(x.shape) == tuple(y.shape) == leaf.shape
            expected = y.detach().numpy(force=True)
            np.testing.assert_allclose(x.detach().numpy(force=True), expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_operation(case: Case) -> None:
    arrays = case.inputs()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs, first, second = _gradients(torch, case, arrays)
    with np.errstate(all="ignore"):
        our_outputs, our_first, our_second = _gradients(minitorch, case, arrays)
    close(our_outputs, outputs)
    leaves = [a for a in arrays.values() if a.dtype.kind == "f"]
    _close_or_zero(our_first, first, leaves)
    _close_or_zero(our_second, second, leaves)
    assert [y.requires_grad for y in our_outputs] == [y.requires_grad for y in outputs]

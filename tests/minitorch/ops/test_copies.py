"""Operations that return a copy never share the memory of their input."""

from __future__ import annotations

from typing import Any

import pytest

import minitorch
from minitorch.autograd import gradcheck, gradgradcheck

F = minitorch.nn.functional

COPIES: dict[str, Any] = {
    "repeat": lambda x: x.repeat(1, 1),
    "repeat rows": lambda x: x.repeat(2, 1),
    "repeat columns": lambda x: x.repeat(1, 2),
    "repeat in front": lambda x: x.repeat(3, 1, 1),
    "tile": lambda x: minitorch.tile(x, (2,)),
    "repeat_interleave": lambda x: x.repeat_interleave(1, 1),
    "flip": lambda x: x.flip(()),
    "roll": lambda x: x.roll(0, 0),
    "rot90": lambda x: x.rot90(4),
    "diag": lambda x: minitorch.diag(x),
    "diag of a row": lambda x: minitorch.diag(x[0]),
    "tril": lambda x: x.tril(9),
    "prod": lambda x: x.prod(),
    "prod of columns": lambda x: x.prod(0),
    "prod of rows": lambda x: x.prod(1, keepdim=True),
    "sum": lambda x: x.sum(0),
    "mean": lambda x: x.mean(1),
    "amax": lambda x: x.amax(),
    "max": lambda x: x.max(0)[0],
    "median": lambda x: x.median(),
    "sort": lambda x: x.sort(0)[0],
    "topk": lambda x: x.topk(1, 0)[0],
    "cumsum": lambda x: x.cumsum(0),
    "cumprod": lambda x: x.cumprod(0),
    "diff": lambda x: x.diff(n=0),
    "cat": lambda x: minitorch.cat([x]),
    "stack": lambda x: minitorch.stack([x]),
    "gather": lambda x: x.gather(0, minitorch.zeros(1, 1, dtype=minitorch.int64)),
    "take_along_dim": lambda x: x.take_along_dim(minitorch.zeros(1, 1, dtype=minitorch.int64), 0),
    "index_select": lambda x: x.index_select(0, minitorch.tensor([0])),
    "a list as index": lambda x: x[[0]],
    "masked_fill": lambda x: x.masked_fill(x != x, 0.0),
    "where": lambda x: minitorch.where(x == x, x, x),
    "clamp": lambda x: x.clamp(-9, 9),
    "nan_to_num": lambda x: x.nan_to_num(),
    "pow": lambda x: x**1,
    "clone": lambda x: x.clone(),
    "tensor": lambda x: minitorch.tensor(x),
    "relu": lambda x: F.relu(x),
    "softmax": lambda x: x.softmax(0),
    "normalize": lambda x: F.normalize(x),
    "embedding": lambda x: F.embedding(minitorch.tensor([0]), x),
    "interpolate": lambda x: F.interpolate(x[None, None], scale_factor=1.0),
    "avg_pool2d": lambda x: F.avg_pool2d(x[None], 1),
    "max_pool2d": lambda x: F.max_pool2d(x[None], 1),
    "pixel_shuffle": lambda x: F.pixel_shuffle(x[None], 1),
    "pixel_unshuffle": lambda x: F.pixel_unshuffle(x[None], 1),
    "channel_shuffle": lambda x: F.channel_shuffle(x[None], 1),
    "unfold": lambda x: F.unfold(x[None, None], 1),
}


@pytest.mark.parametrize("shape", [(2, 3), (1, 1), (1, 3), (3, 1)], ids=str)
@pytest.mark.parametrize("function", COPIES.values(), ids=COPIES)
def test_a_copy_is_the_callers_own(function: Any, shape: tuple[int, ...]) -> None:
    x = minitorch.randn(*shape)
    before = x.tolist()
    function(x).add_(1)
    assert x.tolist() == before


def test_repeated_rows_are_not_one_row() -> None:
    out = minitorch.zeros(1, 2).repeat(3, 1)
    out[0] = 1.0
    assert out.sum() == 2


@pytest.mark.parametrize("counts", [(2, 3), (1, 1), (2, 1, 3), (0, 2)], ids=str)
def test_gradients_of_repeat(counts: tuple[int, ...]) -> None:
    x = minitorch.randn(2, 3, dtype=minitorch.float64, requires_grad=True)
    assert gradcheck(lambda x: x.repeat(*counts) ** 2, (x,))
    assert gradgradcheck(lambda x: x.repeat(*counts) ** 3, (x,))


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda x: F.pixel_shuffle(x, 2), (2, 4, 1, 2)),
        (lambda x: F.pixel_unshuffle(x, 2), (2, 1, 2, 4)),
        (lambda x: F.channel_shuffle(x, 2), (2, 6, 2)),
    ],
)
def test_gradients_of_shuffles(function: Any, shape: tuple[int, ...]) -> None:
    x = minitorch.randn(*shape, dtype=minitorch.float64, requires_grad=True)
    assert gradcheck(lambda x: function(x) ** 2, (x,))
    assert gradgradcheck(lambda x: function(x) ** 3, (x,))

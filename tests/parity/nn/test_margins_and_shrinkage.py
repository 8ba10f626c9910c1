"""Losses that ask for margins, and activations and dropout that PyTorch's oldest layers have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn as tnn
from torch.nn import functional as TF

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.parity.nn.compare import both, close, outcome, same_at, same_to_second_order

RNG = np.random.default_rng(0)
REDUCTIONS = ("mean", "sum", "none")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("margin", [1.0, 0.3])
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("shape", [(5, 4), (4,), (1, 4), (3, 1)])
def test_multi_margin(shape: tuple, p: int, margin: float, weighted: bool, reduction: str) -> None:
    x = RNG.standard_normal(shape)
    classes = shape[-1]
    my, ty = both(RNG.integers(0, classes, shape[:-1]))
    mw, tw = both(RNG.random(classes) if weighted else None)
    options: Any = {"p": p, "margin": margin, "reduction": reduction}
    same_to_second_order(
        lambda a: nn.MultiMarginLoss(weight=mw, **options)(a, my),
        lambda a: tnn.MultiMarginLoss(weight=tw, **options)(a, ty),
        x,
        second=False,
    )


def test_multi_margin_of_one_sample_as_a_batch() -> None:
    my, ty = both(np.array([2]))
    same_to_second_order(
        lambda a: F.multi_margin_loss(a, my, reduction="none"),
        lambda a: TF.multi_margin_loss(a, ty, reduction="none"),
        RNG.standard_normal(4),
        second=False,
    )


LISTS = [
    [[0, 2, -1, 1], [-1, 3, 0, 0], [1, 1, 2, -1], [3, 2, 1, 0]],
    [[3, -1, 0, 0], [2, 1, 0, -1], [0, 0, 0, 0], [-1, -1, -1, -1]],
]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("lists", [*LISTS, LISTS[0][0], LISTS[1][3]])
def test_multilabel_margin(lists: list, reduction: str) -> None:
    target = np.array(lists)
    my, ty = both(target)
    same_to_second_order(
        lambda a: nn.MultiLabelMarginLoss(reduction=reduction)(a, my),
        lambda a: tnn.MultiLabelMarginLoss(reduction=reduction)(a, ty),
        RNG.standard_normal(target.shape),
        second=False,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(5, 4), (4,), (2, 3, 4)])
def test_multilabel_soft_margin(shape: tuple, weighted: bool, reduction: str) -> None:
    x, y = RNG.standard_normal(shape) * 5, RNG.random(shape)
    mw, tw = both(RNG.random(4) if weighted else None)
    same_to_second_order(
        lambda a, b: nn.MultiLabelSoftMarginLoss(mw, reduction=reduction)(a, b),
        lambda a, b: tnn.MultiLabelSoftMarginLoss(tw, reduction=reduction)(a, b),
        x,
        y,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(5, 4), (1, 4)])
def test_soft_margin(shape: tuple, reduction: str) -> None:
    my, ty = both(RNG.choice([-1.0, 1.0], shape))
    same_to_second_order(
        lambda a: nn.SoftMarginLoss(reduction=reduction)(a, my),
        lambda a: tnn.SoftMarginLoss(reduction=reduction)(a, ty),
        RNG.standard_normal((5, 4)) * 3,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("distance", [None, lambda x, y: (x - y).abs().amax(-1)])
def test_triplets_with_a_distance(distance: Any, swap: bool, reduction: str) -> None:
    options = {"distance_function": distance, "swap": swap, "reduction": reduction, "margin": 0.7}
    same_to_second_order(
        lambda *args: nn.TripletMarginWithDistanceLoss(**options)(*args),
        lambda *args: tnn.TripletMarginWithDistanceLoss(**options)(*args),
        *RNG.standard_normal((3, 6, 4)),
    )


@pytest.mark.parametrize("lambd", [0.5, 0.0, 1.0])
@pytest.mark.parametrize("name", ["Hardshrink", "Softshrink"])
def test_shrinkage(name: str, lambd: float) -> None:
    x = np.array([-3.0, -1.0, -0.5, -0.2, 0.0, 0.3, 0.5, 1.0, 2.0])
    same_at(lambda lib, a: getattr(lib.nn, name)(lambd)(a), x)
    far = np.array([np.nan, np.inf, -np.inf, 1e30])
    ours, theirs = (getattr(lib, name)(lambd) for lib in (nn, tnn))
    close(ours(both(far)[0]), theirs(both(far)[1]))


def test_hardshrink_keeps_everything_below_zero_width() -> None:
    same_at(lambda lib, a: lib.nn.functional.hardshrink(a, -1.0), np.array([-0.5, 0.0, 0.5]))


@pytest.mark.parametrize("inplace", [False, True])
def test_rrelu(inplace: bool) -> None:
    x = RNG.standard_normal((3, 4))
    same_to_second_order(
        lambda a: nn.RReLU(0.2, 0.7, inplace).eval()(a * 1),
        lambda a: tnn.RReLU(0.2, 0.7, inplace).eval()(a * 1),
        x,
    )
    many = minitorch.tensor(RNG.standard_normal(20_000), requires_grad=True)
    before = many * 1
    out = nn.RReLU(0.2, 0.7, inplace)(before)
    assert (out is before) == inplace
    (slopes,) = minitorch.autograd.grad(out.sum(), many)
    values, slopes = many.detach().numpy(), slopes.numpy()
    np.testing.assert_allclose(out.detach().numpy(), values * slopes)
    assert (slopes[values > 0] == 1).all()
    drawn = slopes[values <= 0]
    assert 0.2 <= drawn.min() < 0.21 < 0.69 < drawn.max() <= 0.7
    assert drawn.mean() == pytest.approx(0.45, abs=0.01)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_alpha_dropout_leads_to_the_same_two_lines(name: str, p: float) -> None:
    """What is kept and what is dropped become the same numbers; which is which is drawn."""
    x = np.full((30, 20, 3), 0.7)
    ours, theirs = (
        getattr(lib.nn.functional, name)(lib.tensor(x), p, True).numpy()
        for lib in (minitorch, torch)
    )
    np.testing.assert_allclose(np.unique(ours), np.unique(theirs), rtol=1e-12)
    assert len(np.unique(ours)) == 2
    share = (ours == np.unique(ours)[0]).mean()
    assert share == pytest.approx(p, abs=0.06)
    if name == "feature_alpha_dropout":
        assert (ours == ours[:, :, :1]).all()


@pytest.mark.parametrize("inplace", [False, True])
def test_alpha_dropout_keeps_mean_and_variance(inplace: bool) -> None:
    x = minitorch.tensor(RNG.standard_normal(200_000), requires_grad=True)
    before = x * 1
    out = nn.AlphaDropout(0.3, inplace)(before)
    assert (out is before) == inplace
    assert float(out.mean()) == pytest.approx(0, abs=0.01)
    assert float(out.var()) == pytest.approx(1, abs=0.02)
    (g,) = minitorch.autograd.grad(out.sum(), x)
    assert (g == 0).double().mean().item() == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("p", [0.0, 1.0])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_alpha_dropout_of_nothing_and_of_all(name: str, training: bool, p: float) -> None:
    same_at(
        lambda lib, a: getattr(lib.nn.functional, name)(a, p, training), RNG.standard_normal((2, 3))
    )


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_what_is_not_counted_may_be_infinite() -> None:
    inf = np.inf
    for scores, classes in (
        ([-inf, 1.0, 2.0], [2, -1, -1]),
        ([inf, 1.0, 2.0], [0, 2, -1]),
        ([-3e38, 1.0, 3e38], [2, -1, 0]),
        ([np.nan, 1.0, 2.0], [1, -1, -1]),
    ):
        x, y = np.array(scores, np.float32), np.array(classes)
        (mx, tx), (my, ty) = both(x), both(y)
        close(F.multilabel_margin_loss(mx, my), TF.multilabel_margin_loss(tx, ty))
        first = y[:1]
        (my, ty) = both(first)
        close(F.multi_margin_loss(mx, my), TF.multi_margin_loss(tx, ty))


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
@pytest.mark.parametrize("of_target", ["float32", "float64", "int64", "uint8", "bool"])
def test_soft_margin_keeps_the_dtype_of_its_input(kind: str, of_target: str) -> None:
    def loss(lib: Any, reduction: str) -> Any:
        x = lib.tensor([0.5, -1.0, 2.0], dtype=getattr(lib, kind))
        y = lib.tensor([1, 0, 1], dtype=getattr(lib, of_target))
        return lib.nn.functional.soft_margin_loss(x, y, reduction=reduction)

    for reduction in REDUCTIONS:
        close(loss(minitorch, reduction), loss(torch, reduction), rtol=2e-3)


def test_shrinkage_keeps_the_sign_of_zero_as_pytorch_does() -> None:
    x = np.array([-0.2, 0.2, -0.0, 0.0, -0.5])
    for name in ("softshrink", "hardshrink"):
        ours, theirs = (
            getattr(lib.nn.functional, name)(lib.tensor(x)).numpy() for lib in (minitorch, torch)
        )
        np.testing.assert_array_equal(np.signbit(ours), np.signbit(theirs))


def long(lib: Any, values: Any) -> Any:
    return lib.tensor(values, dtype=lib.int64)


ERRORS = [
    lambda lib, F, x: F.multi_margin_loss(x, long(lib, [0, 3])),
    lambda lib, F, x: F.multi_margin_loss(x, long(lib, [0, -1])),
    lambda lib, F, x: F.multi_margin_loss(x, long(lib, [0])),
    lambda lib, F, x: F.multi_margin_loss(x, lib.tensor([0.0, 1.0])),
    lambda lib, F, x: F.multi_margin_loss(x, long(lib, [0, 1]), p=3),
    lambda lib, F, x: F.multi_margin_loss(x, long(lib, [0, 1]), weight=lib.ones(2, 2)),
    lambda lib, F, x: F.multi_margin_loss(x, long(lib, [0, 1]), weight=lib.ones(2)),
    lambda lib, F, x: F.multi_margin_loss(lib.ones(2, 3, 4), long(lib, [0, 1])),
    lambda lib, F, x: F.multi_margin_loss(x.long(), long(lib, [0, 1])),
    lambda lib, F, x: F.multi_margin_loss(
        x, long(lib, [0, 1]), weight=lib.ones(3, requires_grad=True)
    ),
    lambda lib, F, x: F.multi_margin_loss(x, long(lib, [0, 1]), weight=long(lib, [1, 1, 1])),
    lambda lib, F, x: lib.nn.MultiMarginLoss(p=3),
    lambda lib, F, x: lib.nn.MultiMarginLoss(weight=lib.ones(2, 2)),
    lambda lib, F, x: F.multilabel_margin_loss(x, long(lib, [[0, 3, -1], [2, -1, 0]])),
    lambda lib, F, x: F.multilabel_margin_loss(x, long(lib, [[0, 1, -1], [2, -1, -5]])),
    lambda lib, F, x: F.multilabel_margin_loss(x, long(lib, [[0, 1], [2, -1]])),
    lambda lib, F, x: F.multilabel_margin_loss(x, x),
    lambda lib, F, x: F.multilabel_margin_loss(lib.ones(2, 2, 3), long(lib, [0, 1, -1])),
    lambda lib, F, x: F.soft_margin_loss(x, x[:, :2]),
    lambda lib, F, x: F.soft_margin_loss(x.long(), x.long()),
    lambda lib, F, x: F.soft_margin_loss(x, lib.ones(2, 3, requires_grad=True)),
    lambda lib, F, x: F.soft_margin_loss(x, x, reduction="foo"),
    lambda lib, F, x: F.multilabel_soft_margin_loss(x, x, reduction="foo"),
    lambda lib, F, x: F.multilabel_soft_margin_loss(x, x, weight=lib.ones(2)),
    lambda lib, F, x: F.softshrink(x, -1.0),
    lambda lib, F, x: F.softshrink(x.long()),
    lambda lib, F, x: F.softshrink(x.bool()),
    lambda lib, F, x: F.hardshrink(x.long()),
    lambda lib, F, x: F.rrelu(x, 0.5, 0.1),
    lambda lib, F, x: F.rrelu(x, 0.5, 0.1, True),
    lambda lib, F, x: F.rrelu(x, 0.1, float("inf"), True),
    lambda lib, F, x: F.rrelu(x, float("nan"), 1.0, True),
    lambda lib, F, x: F.rrelu(x.long()),
    lambda lib, F, x: F.rrelu(x.long(), training=True),
    lambda lib, F, x: F.alpha_dropout(x, 1.5),
    lambda lib, F, x: F.alpha_dropout(x.long(), 0.5, True),
    lambda lib, F, x: F.feature_alpha_dropout(x[0], 0.5, True),
    lambda lib, F, x: F.triplet_margin_with_distance_loss(x, x, x, margin=-1),
    lambda lib, F, x: F.triplet_margin_with_distance_loss(x, x[0], x),
    lambda lib, F, x: F.triplet_margin_with_distance_loss(x, x, x, reduction="foo"),
    lambda lib, F, x: lib.nn.TripletMarginWithDistanceLoss(margin=-1),
]


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case: Any) -> None:
    ours = outcome(lambda: case(minitorch, F, minitorch.ones(2, 3)))
    theirs = outcome(lambda: case(torch, TF, torch.ones(2, 3)))
    assert ours[0] == theirs[0] != "nothing"
    assert ours[1].startswith(theirs[1])


@pytest.mark.parametrize("name", [
    "Softshrink", "Hardshrink", "RReLU", "AlphaDropout", "FeatureAlphaDropout", "SoftMarginLoss",
    "MultiMarginLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss",
    "TripletMarginWithDistanceLoss",
])  # fmt: skip
def test_repr_and_state(name: str) -> None:
    ours, theirs = getattr(nn, name)(), getattr(tnn, name)()
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())

"""Losses against PyTorch: every option, both derivatives, warnings and errors."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn as tnn
from torch.nn import functional as TF

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.parity.nn.compare import (
    both,
    close,
    outcome,
    same_at,
    same_to_second_order,
    warnings_of,
)

RNG = np.random.default_rng(0)
REDUCTIONS = ("mean", "sum", "none")
SHAPES = [(5, 4), (3, 4, 2), (2, 4, 3, 2), (2, 4, 2, 3, 2)]


def labels(shape: tuple[int, ...], classes: int = 4) -> np.ndarray:
    return RNG.integers(0, classes, (shape[0], *shape[2:]))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("name", "options"), [
    ("mse_loss", {}),
    ("l1_loss", {}),
    ("smooth_l1_loss", {}),
    ("smooth_l1_loss", {"beta": 0.3}),
    ("smooth_l1_loss", {"beta": 0.0}),
    ("huber_loss", {}),
    ("huber_loss", {"delta": 0.4}),
])  # fmt: skip
def test_regression(name: str, options: dict, reduction: str) -> None:
    x, y = RNG.standard_normal((2, 3, 4))
    options = options | {"reduction": reduction}
    same_to_second_order(
        lambda a, b: getattr(F, name)(a, b, **options),
        lambda a, b: getattr(TF, name)(a, b, **options),
        x,
        y,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_regression_with_weights(name: str, reduction: str) -> None:
    x, y, w = RNG.random((3, 3, 4))
    same_to_second_order(
        lambda a, b, c: getattr(F, name)(a, b, weight=c, reduction=reduction),
        lambda a, b, c: getattr(TF, name)(a, b, weight=c, reduction=reduction),
        x,
        y,
        w,
    )


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
def test_broadcasting_warns(name: str) -> None:
    x, y = np.ones((2, 3)), np.zeros((2, 1))
    (mx, tx), (my, ty) = both(x), both(y)
    ours = warnings_of(lambda: getattr(F, name)(mx, my))
    assert ours == warnings_of(lambda: getattr(TF, name)(tx, ty))
    assert len(ours) == 1


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("margin", [0.0, 0.7])
def test_rankings(reduction: str, margin: float) -> None:
    x, y = RNG.standard_normal((2, 6))
    sign = np.where(RNG.random(6) > 0.5, 1.0, -1.0)
    ours, theirs = both(sign)
    options = {"margin": margin, "reduction": reduction}
    same_to_second_order(
        lambda a, b: nn.MarginRankingLoss(**options)(a, b, ours),
        lambda a, b: tnn.MarginRankingLoss(**options)(a, b, theirs),
        x,
        y,
    )
    same_to_second_order(
        lambda a: nn.HingeEmbeddingLoss(**options)(a, ours),
        lambda a: tnn.HingeEmbeddingLoss(**options)(a, theirs),
        x,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("options", [{}, {"margin": 3.0, "swap": True}, {"p": 1.0}, {"eps": 0.1}])
@pytest.mark.parametrize("shape", [(6, 4), (4,)])
def test_triplets(shape: tuple, options: dict, reduction: str) -> None:
    options = options | {"reduction": reduction}
    same_to_second_order(
        nn.TripletMarginLoss(**options),
        tnn.TripletMarginLoss(**options),
        *RNG.standard_normal((3, *shape)),
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("margin", [0.0, 0.3])
@pytest.mark.parametrize("target", [[1, -1, 1, -1, 0], -1.0, 1])
def test_cosine_embedding(target, margin: float, reduction: str) -> None:
    ours, theirs = both(np.array(target))
    options = {"margin": margin, "reduction": reduction}
    same_to_second_order(
        lambda a, b: nn.CosineEmbeddingLoss(**options)(a, b, ours),
        lambda a, b: tnn.CosineEmbeddingLoss(**options)(a, b, theirs),
        *RNG.standard_normal((2, *np.shape(target), 3)),
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("log_input", [False, True])
def test_poisson(log_input: bool, full: bool, reduction: str) -> None:
    options = {"log_input": log_input, "full": full, "reduction": reduction}
    y = np.array([[1.0, 2.0, 0.5], [3.0, 7.0, 1.5]])
    same_to_second_order(
        nn.PoissonNLLLoss(**options), tnn.PoissonNLLLoss(**options), RNG.random((2, 3)) + 0.1, y
    )
    x, zero = RNG.random((2, 1))
    zero[:] = 0
    (mx, tx), (mz, tz) = both(x), both(zero)
    close(nn.PoissonNLLLoss(**options)(mx, mz), tnn.PoissonNLLLoss(**options)(tx, tz))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", [(2, 4, 3), (2, 4), (2, 4, 1), (2, 1, 3)])
def test_gaussian(shape: tuple, full: bool, reduction: str) -> None:
    x, y = RNG.standard_normal((2, 2, 4, 3))
    v = RNG.random(shape)
    v.flat[0] = 1e-9
    options = {"full": full, "reduction": reduction, "eps": 1e-3}
    same_to_second_order(nn.GaussianNLLLoss(**options), tnn.GaussianNLLLoss(**options), x, y, v)
    (mx, tx), (my, ty) = both(x), both(y)
    close(nn.GaussianNLLLoss()(mx, my, 0.5), tnn.GaussianNLLLoss()(tx, ty, 0.5))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore_index", [-100, 2, -1])
@pytest.mark.parametrize("shape", SHAPES)
def test_cross_entropy(shape, ignore_index, weighted, smoothing, reduction) -> None:
    x, y = RNG.standard_normal(shape), labels(shape)
    y.reshape(-1)[0] = ignore_index if ignore_index != -100 else 1
    weight = np.array([0.3, 0.0, 1.2, 2.0]) if weighted else None
    (my, ty), (mw, tw) = both(y), both(weight)
    options = {
        "ignore_index": ignore_index,
        "reduction": reduction,
        "label_smoothing": smoothing,
    }
    same_to_second_order(
        lambda a: nn.CrossEntropyLoss(mw, **options)(a, my),
        lambda a: tnn.CrossEntropyLoss(tw, **options)(a, ty),
        x,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(4,), *SHAPES])
def test_cross_entropy_of_probabilities(shape, weighted, smoothing, reduction) -> None:
    x, p = RNG.standard_normal(shape), RNG.random(shape)
    mw, tw = both(RNG.random(4) if weighted else None)
    options = {"reduction": reduction, "label_smoothing": smoothing}
    same_to_second_order(
        lambda a, b: F.cross_entropy(a, b, mw, **options),
        lambda a, b: TF.cross_entropy(a, b, tw, **options),
        x,
        p,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_nll(shape, weighted, reduction) -> None:
    x, y = np.log(RNG.random(shape)), labels(shape)
    (my, ty), (mw, tw) = both(y), both(RNG.random(4) if weighted else None)
    same_to_second_order(
        lambda a: nn.NLLLoss(mw, ignore_index=1, reduction=reduction)(a, my),
        lambda a: tnn.NLLLoss(tw, ignore_index=1, reduction=reduction)(a, ty),
        x,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_without_a_batch(smoothing: float, reduction: str) -> None:
    x, y = RNG.standard_normal(4), np.array(2)
    my, ty = both(y)
    options = {"reduction": reduction, "label_smoothing": smoothing}
    same_to_second_order(
        lambda a: F.cross_entropy(a, my, **options),
        lambda a: TF.cross_entropy(a, ty, **options),
        x,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Mean of empty:RuntimeWarning")
def test_cross_entropy_with_nothing_to_count(reduction: str, smoothing: float) -> None:
    options = {"reduction": reduction, "label_smoothing": smoothing}
    for n, target in ((2, [-100, -100]), (0, [])):
        x, y = np.ones((n, 3)), np.array(target, np.int64)
        ours, theirs = (
            lib.nn.functional.cross_entropy(lib.tensor(x), lib.tensor(y), **options)
            for lib in (minitorch, torch)
        )
        close(ours, theirs)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 0.5], [0.0, 2.0, 3.0]])
@pytest.mark.parametrize("target", [[-100, -100], [0, -100], [0, 0]])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_gradient_of_cross_entropy_with_nothing_to_count(target, weights, smoothing) -> None:
    x = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])

    def loss(lib, a):
        weight = None if weights is None else lib.tensor(weights, dtype=lib.float64)
        options = {"weight": weight, "label_smoothing": smoothing}
        return lib.nn.functional.cross_entropy(a, lib.tensor(target), **options)

    same_at(loss, x)
    if not smoothing:
        same_at(
            lambda lib, a: lib.nn.functional.nll_loss(
                a,
                lib.tensor(target),
                None if weights is None else lib.tensor(weights, dtype=lib.float64),
            ),
            x,
        )


def test_what_is_ignored_gets_no_gradient_from_a_loss_that_is_no_number() -> None:
    x = np.array([[1.0, 2.0, 3.0], [np.nan, 1.0, 0.0]])
    target = [-100, 1]
    same_at(lambda lib, a: lib.nn.functional.cross_entropy(a, lib.tensor(target)) * np.nan, x)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["smooth_l1_loss", "huber_loss", "mse_loss"])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_regression_at_kinks_infinity_and_nan(name: str, reduction: str) -> None:
    for x in ([1.0, -1.0, 0.5, 0.0, 1.5], [np.inf, -np.inf, np.nan, 2.0]):
        same_at(
            lambda lib, a, b: getattr(lib.nn.functional, name)(a, b, reduction=reduction),
            np.array(x),
            np.zeros(len(x)),
        )


@pytest.mark.parametrize("reduction", ["sum", "none"])
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_kl_div_of_targets_that_are_no_probabilities(reduction: str) -> None:
    x, y = np.array([0.0, 0.0, -1.0, -np.inf]), np.array([-1.0, 0.0, 0.5, 0.0])
    same_at(lambda lib, a, b: lib.nn.functional.kl_div(a, b, reduction=reduction), x, y)


INTEGERS = """
    mse_loss smooth_l1_loss huber_loss binary_cross_entropy_with_logits kl_div cosine_similarity
    nll_loss
"""


@pytest.mark.parametrize("kinds", [("int64", "int64"), ("int64", "float32"), ("float32", "int64")])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", INTEGERS.split())
def test_integers(name: str, reduction: str, kinds: tuple) -> None:
    options = {} if name == "cosine_similarity" else {"reduction": reduction}
    if name == "nll_loss" and kinds[1] != "int64":
        pytest.skip("its targets are classes")

    def call(lib):
        a, b = (lib.tensor([[1, 2, 3], [0, 1, 1]], dtype=getattr(lib, kind)) for kind in kinds)
        return getattr(lib.nn.functional, name)(a, b[0, 1:] - 1 if name == "nll_loss" else b,
                                                **options)  # fmt: skip

    ours, theirs = (outcome(lambda lib=lib: call(lib)) for lib in (minitorch, torch))
    assert ours == theirs
    if theirs[0] == "nothing":
        close(call(minitorch), call(torch), rtol=1e-6)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy_stays_in_float32(weighted, smoothing, reduction) -> None:
    x = RNG.standard_normal((5, 4)).astype(np.float32)
    y = np.array([1, -100, 0, 3, 2])
    (my, ty), (mw, tw) = both(y), both(RNG.random(4).astype(np.float32) if weighted else None)
    options = {"reduction": reduction, "label_smoothing": smoothing}
    same_to_second_order(
        lambda a: F.cross_entropy(a, my, mw, **options),
        lambda a: TF.cross_entropy(a, ty, tw, **options),
        x,
        second=False,
        rtol=2e-6,
        atol=1e-7,
    )


def test_cross_entropy_types() -> None:
    x = RNG.standard_normal((3, 4)).astype(np.float32)
    y = np.array([0, 3, 1], np.uint8)
    close(F.cross_entropy(*(both(v)[0] for v in (x, y))), TF.cross_entropy(
        *(both(v)[1] for v in (x, y))), rtol=1e-6)  # fmt: skip


def test_cross_entropy_of_large_scores() -> None:
    x = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]], np.float32)
    my, ty = both(np.array([1, 1]))
    same_to_second_order(
        lambda a: F.cross_entropy(a, my), lambda a: TF.cross_entropy(a, ty), x, second=False
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_binary_cross_entropy(weighted: bool, reduction: str) -> None:
    # PyTorch adds 1e-12 to p where it differentiates twice: near 0 and 1 that is what one sees.
    p, y = RNG.uniform(0.05, 0.95, (2, 5, 3))
    mw, tw = both(RNG.random(3) if weighted else None)
    same_to_second_order(
        lambda a, b: F.binary_cross_entropy(a, b, mw, reduction=reduction),
        lambda a, b: TF.binary_cross_entropy(a, b, tw, reduction=reduction),
        p,
        y,
    )


def test_binary_cross_entropy_at_certainty() -> None:
    p, y = (np.array(v) for v in ([0.0, 0.0, 1.0, 1.0, 0.5], [0.0, 1.0, 0.0, 1.0, 1.0]))
    my, ty = both(y)
    same_to_second_order(
        lambda a: nn.BCELoss()(a, my), lambda a: tnn.BCELoss()(a, ty), p, second=False, rtol=1e-8
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("positive", [False, True])
def test_bce_with_logits(weighted: bool, positive: bool, reduction: str) -> None:
    x, y = RNG.standard_normal((5, 3)) * 10, RNG.random((5, 3))
    mw, tw = both(RNG.random(3) if weighted else None)
    mp, tp = both(RNG.random(3) * 3 if positive else None)
    same_to_second_order(
        lambda a, b: nn.BCEWithLogitsLoss(mw, reduction=reduction, pos_weight=mp)(a, b),
        lambda a, b: tnn.BCEWithLogitsLoss(tw, reduction=reduction, pos_weight=tp)(a, b),
        x,
        y,
    )


@pytest.mark.parametrize("reduction", ["batchmean", *REDUCTIONS])
@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.filterwarnings("ignore:reduction")
def test_kl_div(log_target: bool, reduction: str) -> None:
    x = np.log(RNG.dirichlet(np.ones(4), 3))
    y = np.log(RNG.dirichlet(np.ones(4), 3)) if log_target else RNG.dirichlet(np.ones(4), 3)
    same_to_second_order(
        lambda a, b: nn.KLDivLoss(reduction=reduction, log_target=log_target)(a, b),
        lambda a, b: tnn.KLDivLoss(reduction=reduction, log_target=log_target)(a, b),
        x,
        y,
    )


@pytest.mark.filterwarnings("ignore:reduction")
def test_kl_div_of_zero_probability() -> None:
    x, y = np.log([[0.5, 0.5]]), np.array([[0.0, 1.0]])
    my, ty = both(y)
    same_to_second_order(lambda a: F.kl_div(a, my), lambda a: TF.kl_div(a, ty), x)
    ours, theirs = both(x)
    assert warnings_of(lambda: F.kl_div(ours, my)) == warnings_of(lambda: TF.kl_div(theirs, ty))


@pytest.mark.parametrize(
    ("size_average", "reduce"), [*itertools.product([None, True, False], repeat=2)]
)
def test_older_reduction_arguments(size_average, reduce) -> None:
    (mx, tx), (my, ty) = both(RNG.random(3)), both(RNG.random(3))
    ours = warnings_of(lambda: close(
        F.mse_loss(mx, my, size_average, reduce), TF.mse_loss(tx, ty, size_average, reduce)
    ))  # fmt: skip
    if size_average is reduce is None:
        assert not ours
    else:
        assert ours[0] == ours[1]
    reductions = []
    warnings_of(
        lambda: reductions.extend(lib.L1Loss(size_average, reduce).reduction for lib in (nn, tnn))
    )
    assert reductions[0] == reductions[1]


def long(lib, values):
    return lib.tensor(values, dtype=lib.int64)


ERRORS = {
    "label too large": lambda lib, F, x: F.cross_entropy(x, long(lib, [0, 12])),
    "label negative": lambda lib, F, x: F.cross_entropy(x, long(lib, [0, -5])),
    "batch sizes": lambda lib, F, x: F.cross_entropy(x, long(lib, [0, 1, 2])),
    "batch sizes of nll": lambda lib, F, x: F.nll_loss(x, long(lib, [0, 1, 2])),
    "too many dimensions": lambda lib, F, x: F.cross_entropy(x, long(lib, [[0], [1]])),
    "float labels": lambda lib, F, x: F.cross_entropy(x, lib.tensor([0.0, 1.0])),
    "int32 labels": lambda lib, F, x: F.cross_entropy(x, lib.tensor([0, 1], dtype=lib.int32)),
    "integer probabilities": lambda lib, F, x: F.cross_entropy(x, long(lib, [[0] * 3] * 2)),
    "ignored probabilities": lambda lib, F, x: F.cross_entropy(x, lib.ones(2, 3), ignore_index=1),
    "odd shape": lambda lib, F, x: F.cross_entropy(x, lib.ones(2, 4)),
    "class weights": lambda lib, F, x: F.cross_entropy(x, long(lib, [0, 1]), lib.ones(4)),
    "class weights, soft": lambda lib, F, x: F.cross_entropy(x, lib.ones(2, 3), lib.ones(4)),
    "class weights' type": lambda lib, F, x: F.cross_entropy(
        x, long(lib, [0, 1]), lib.ones(3, dtype=lib.float64)
    ),
    "smoothing": lambda lib, F, x: F.cross_entropy(x, long(lib, [0, 1]), label_smoothing=1.5),
    "reduction": lambda lib, F, x: F.cross_entropy(x, long(lib, [0, 1]), reduction="foo"),
    "reduction of mse": lambda lib, F, x: F.mse_loss(x, x, reduction="batchmean"),
    "no dimension": lambda lib, F, x: F.nll_loss(lib.tensor(1.0), long(lib, 0)),
    "one sample": lambda lib, F, x: F.cross_entropy(lib.ones(3), long(lib, [2, 1])),
    "3-d": lambda lib, F, x: F.cross_entropy(lib.ones(2, 3, 4), lib.zeros(2, 5, dtype=lib.int64)),
    "4-d": lambda lib, F, x: F.cross_entropy(
        lib.ones(2, 3, 4, 4), lib.zeros(2, 4, 5, dtype=lib.int64)
    ),
    "4-d, target 2-d": lambda lib, F, x: F.cross_entropy(
        lib.ones(2, 3, 4, 4), lib.zeros(2, 4, dtype=lib.int64)
    ),
    "5-d": lambda lib, F, x: F.cross_entropy(
        lib.ones(2, 3, 4, 4, 2), lib.zeros(2, 4, 4, 3, dtype=lib.int64)
    ),
    "4-d label": lambda lib, F, x: F.cross_entropy(
        lib.ones(2, 3, 4, 4), lib.zeros(2, 4, 4, dtype=lib.int64) + 7
    ),
    "beta": lambda lib, F, x: F.smooth_l1_loss(x, x, beta=-1.0),
    "delta": lambda lib, F, x: F.huber_loss(x, x, delta=0.0),
    "delta's type": lambda lib, F, x: lib.nn.HuberLoss(delta="1"),
    "mse shapes": lambda lib, F, x: F.mse_loss(x, lib.zeros(5, 1)),
    "mse weights": lambda lib, F, x: F.mse_loss(x, x, weight=lib.ones(3)),
    "probabilities": lambda lib, F, x: F.binary_cross_entropy(x * 5, x),
    "probable targets": lambda lib, F, x: F.binary_cross_entropy(x, x * 5),
    "bce shapes": lambda lib, F, x: F.binary_cross_entropy(x, lib.ones(2, 1)),
    "bce types": lambda lib, F, x: F.binary_cross_entropy(x, x > 0),
    "logit shapes": lambda lib, F, x: F.binary_cross_entropy_with_logits(x, lib.ones(2, 1)),
    "ranking shapes": lambda lib, F, x: F.margin_ranking_loss(x, x[0], x),
    "triplet margin": lambda lib, F, x: F.triplet_margin_loss(x, x, x, 0.0),
    "triplet layer's margin": lambda lib, F, x: lib.nn.TripletMarginLoss(margin=-1.0),
    "triplet shapes": lambda lib, F, x: F.triplet_margin_loss(x, x[0], x),
    "triplet reduction": lambda lib, F, x: F.triplet_margin_loss(x, x, x, reduction="foo"),
    "cosine targets": lambda lib, F, x: F.cosine_embedding_loss(x, x, x),
    "cosine shapes": lambda lib, F, x: F.cosine_embedding_loss(x[0], x, x[:, 0]),
    "cosine shapes of one": lambda lib, F, x: F.cosine_embedding_loss(x, x, x[0, 0]),
    "poisson reduction": lambda lib, F, x: F.poisson_nll_loss(x, x, reduction="foo"),
    "gaussian reduction": lambda lib, F, x: F.gaussian_nll_loss(x, x, x, reduction="foo"),
    "gaussian variance": lambda lib, F, x: F.gaussian_nll_loss(x, x, -x),
    "gaussian variance, one": lambda lib, F, x: F.gaussian_nll_loss(x, x, -1.0),
    "gaussian variances": lambda lib, F, x: F.gaussian_nll_loss(x, x, lib.ones(3)),
}


@pytest.mark.parametrize("case", ERRORS.values(), ids=ERRORS.keys())
def test_errors(case) -> None:
    ours = outcome(lambda: case(minitorch, F, minitorch.ones(2, 3) / 2))
    theirs = outcome(lambda: case(torch, TF, torch.ones(2, 3) / 2))
    assert ours[0] == theirs[0] != "nothing"
    assert ours[1].startswith(theirs[1])


@pytest.mark.parametrize("name", [
    "L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss", "CrossEntropyLoss", "NLLLoss", "BCELoss",
    "BCEWithLogitsLoss", "KLDivLoss", "MarginRankingLoss", "HingeEmbeddingLoss",
    "TripletMarginLoss", "CosineEmbeddingLoss", "PoissonNLLLoss", "GaussianNLLLoss",
])  # fmt: skip
def test_repr_and_state(name: str) -> None:
    ours, theirs = getattr(nn, name)(), getattr(tnn, name)()
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_weights_are_buffers() -> None:
    ours = nn.BCEWithLogitsLoss(minitorch.ones(3), pos_weight=minitorch.ones(3))
    theirs = tnn.BCEWithLogitsLoss(torch.ones(3), pos_weight=torch.ones(3))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert list(nn.CrossEntropyLoss(minitorch.ones(3)).state_dict()) == ["weight"]

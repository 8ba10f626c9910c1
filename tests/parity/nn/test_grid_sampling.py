"""Images read at the places of a grid, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch.nn import functional as F
from tests.parity.nn.compare import close, outcome, same_to_second_order, warnings_of

T = torch.nn.functional
RNG = np.random.default_rng(0)


def agree(function: Any, *arrays: np.ndarray, second: bool = False) -> None:
    """Assert that ``function(F, *tensors)`` agrees; torch differentiates a sample but once."""
    same_to_second_order(
        lambda *a: function(F, *a), lambda *a: function(T, *a), *arrays, second=second
    )


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_grid_sample(mode: str, padding_mode: str, align_corners: bool) -> None:
    options = (mode, padding_mode, align_corners)
    for shape in ((2, 3, 5, 4), (1, 1, 1, 3), (3, 2, 2, 1), (1, 2, 7, 7)):
        x = RNG.standard_normal(shape)
        for far in (0.5, 1.2, 6.0):
            places = RNG.uniform(-far, far, (shape[0], 6, 5, 2))
            agree(lambda lib, a, b: lib.grid_sample(a, b, *options), x, places)


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_places_where_formulas_meet(mode: str, padding_mode: str, align_corners: bool) -> None:
    line = np.linspace(-2.5, 2.5, 41)  # centers and edges of pixels, and halfway
    places = np.stack(np.meshgrid(line, line), -1)[None]
    x = RNG.standard_normal((1, 2, 4, 5))
    options = (mode, padding_mode, align_corners)
    agree(lambda lib, a, b: lib.grid_sample(a, b, *options), x, places)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_places_that_are_none() -> None:
    x, places = np.arange(9.0).reshape(1, 1, 3, 3), np.full((1, 3, 1, 2), 1e30)
    places[0, :, 0, 0] = np.nan, np.inf, -np.inf
    for corners in (False, True):
        options = ("bilinear", "zeros", corners)
        ours = F.grid_sample(minitorch.tensor(x), minitorch.tensor(places), *options)
        close(ours, T.grid_sample(torch.tensor(x), torch.tensor(places), *options))


def test_a_nearest_pixel_has_the_gradient_zero() -> None:
    places = minitorch.zeros(1, 2, 2, 2, requires_grad=True)
    F.grid_sample(
        minitorch.ones(1, 1, 3, 3), places, "nearest", align_corners=True
    ).sum().backward()
    assert not places.grad.numpy().any()


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 1, 3), (2, 3, 2, 4, 3), (2, 1, 1, 1, 2)])
@pytest.mark.filterwarnings("ignore:Since version:UserWarning")
def test_affine_grid(size: tuple[int, ...], align_corners: bool) -> None:
    theta = RNG.standard_normal((2, len(size) - 2, len(size) - 1))
    agree(lambda lib, a: lib.affine_grid(a, size, align_corners), theta, second=True)


def test_a_spatial_transformer() -> None:
    def transform(lib: Any, x: Any, theta: Any) -> Any:
        return lib.grid_sample(x, lib.affine_grid(theta, x.shape, False), align_corners=False)

    agree(transform, RNG.standard_normal((2, 3, 5, 6)), RNG.standard_normal((2, 2, 3)))


def test_single_precision() -> None:
    x = RNG.standard_normal((2, 3, 8, 9)).astype(np.float32)
    places = RNG.uniform(-1.5, 1.5, (2, 30, 30, 2)).astype(np.float32)
    for mode in ("bilinear", "nearest"):
        for padding_mode in ("zeros", "border", "reflection"):
            options = (mode, padding_mode, False)
            ours = F.grid_sample(minitorch.tensor(x), minitorch.tensor(places), *options)
            theirs = T.grid_sample(torch.tensor(x), torch.tensor(places), *options)
            close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_warnings() -> None:
    def calls(lib: Any) -> Any:
        f = lib.nn.functional
        return [
            lambda: f.grid_sample(lib.ones(1, 2, 3, 3), lib.ones(1, 2, 2, 2)),
            lambda: f.affine_grid(lib.ones(1, 2, 3), (1, 1, 2, 2)),
            lambda: f.affine_grid(lib.ones(1, 2, 3), (1, 1, 1, 2), align_corners=True),
        ]

    for ours, theirs in zip(calls(minitorch), calls(torch), strict=True):
        assert warnings_of(ours) == warnings_of(theirs) != []


ERRORS = """
    grid_sample(x, g, "foo")
    grid_sample(x, g, padding_mode="foo")
    grid_sample(x, o(1, 2, 2, 3))
    grid_sample(x, o(2, 2, 2, 2))
    grid_sample(x, o(1, 2, 2))
    grid_sample(o(2, 3, 3), g)
    grid_sample(o(1, 3, 3), o(1, 2, 2, 1))
    grid_sample(o(1, 2, 0, 3), g)
    grid_sample(o(1, 2, 3, 0), g)
    grid_sample(x, g.double())
    grid_sample(x.long(), g.long())
    affine_grid(t, (1, 1, 2))
    affine_grid(t, (1, 1, 2, 0))
    affine_grid(t, (2, 1, 2, 2))
    affine_grid(o(1, 2, 2), (1, 1, 2, 2))
    affine_grid(o(2, 3), (1, 1, 2, 2))
    affine_grid(t.long(), (1, 1, 2, 2))
    affine_grid(t, (1, 1, 2, 2, 2))
    affine_grid(o(1, 3, 4), (1, 1, 2, 2))
"""


@pytest.mark.parametrize("text", ERRORS.strip().splitlines())
def test_errors(text: str) -> None:
    def call(lib: Any) -> Any:
        o = lib.ones
        names = {"x": o(1, 2, 3, 3), "g": o(1, 2, 2, 2), "t": o(1, 2, 3), "o": o}
        return eval(f"F.{text.strip()}", {"F": lib.nn.functional, **names})

    assert outcome(lambda: call(minitorch)) == outcome(lambda: call(torch))
    assert outcome(lambda: call(torch))[0] != "nothing"


def test_nothing_to_read() -> None:
    for shape, grid in (((1, 0, 3, 3), (1, 2, 2, 2)), ((0, 2, 3, 3), (0, 2, 2, 2)),
                        ((1, 2, 3, 3), (1, 0, 2, 2))):  # fmt: skip
        ours = F.grid_sample(minitorch.ones(*shape), minitorch.ones(*grid), align_corners=False)
        theirs = T.grid_sample(torch.ones(*shape), torch.ones(*grid), align_corners=False)
        close(ours, theirs)

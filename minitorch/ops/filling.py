"""Filling a tensor with random numbers: ``x.uniform_()``, ``x.normal_()``, ..."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from minitorch.autograd.views import check_inplace
from minitorch.dtypes import dtype_name
from minitorch.ops.sampling import below, require_within, standard, successes, whole_numbers
from minitorch.ops.shape import expand
from minitorch.random import Generator, numpy_generator
from minitorch.tensor import Tensor


def _fill(self: Tensor, values: np.ndarray) -> Tensor:
    check_inplace(self)
    np.copyto(self._array, values, casting="unsafe")
    self._counter[0] += 1
    return self


def uniform_(
    self: Tensor, a: float = 0.0, b: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill with numbers uniform in ``[a, b)``, and return the tensor."""
    kind = self._array.dtype
    values = standard("random", self._array.shape, kind, generator)
    require_within({"from": a, "to": b}, kind)
    if a > b:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}"
        )
    if b - a > np.finfo(kind).max:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{dtype_name(kind)}>::max(), but "
            f"found to={b:g} and from={a:g} which result in to-from to exceed the limit"
        )
    return _fill(self, below((values * (b - a) + a).astype(kind, copy=False), a, b))


def normal_(
    self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill with numbers from a normal distribution, and return the tensor."""
    if std < 0:
        raise RuntimeError(f"normal_ expects std >= 0.0, but found std={std}")
    values = standard("standard_normal", self._array.shape, self._array.dtype, generator)
    return _fill(self, values * std + mean)


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill with ones, with probability `p` (number or tensor), and zeros; return the tensor."""
    chance = expand(p, *self.shape)._array if isinstance(p, Tensor) else p
    return _fill(self, successes(self._array.shape, chance, generator))


def random_(
    self: Tensor, *bounds: int | None, to: int | None = None, generator: Generator | None = None
) -> Tensor:
    """Fill with integers, each as likely as the others, and return the tensor.

    Args:
        self: what is filled.
        *bounds: nothing for all integers from 0 that the dtype holds; of a floating dtype, those
            below ``2^mantissa``. Or the end, exclusive; or the start and the end, None for as far
            as the dtype reaches.
        to: the end, by name.
        generator: where the randomness comes from.
    """
    given = bounds if to is None else (*bounds, to)
    if len(given) > 2:
        raise TypeError(f"random_() takes from 0 to 2 bounds, but {len(given)} were given")
    kind = self._array.dtype
    start: Any = given[0] if len(given) == 2 else 0
    low = operator.index(start)
    end = given[-1] if given else None
    if end is None:
        require_within({"from": low}, kind)
    top = _top(kind) if end is None else operator.index(end) - 1
    return _fill(self, whole_numbers(self._array.shape, low, top, kind, generator))


def _top(dtype: np.dtype[Any]) -> int:
    """Return the largest integer of a NumPy dtype up to which it holds all."""
    if dtype.kind == "f":
        return 2 ** (np.finfo(dtype).nmant + 1) - 1
    return 1 if dtype.kind == "b" else int(np.iinfo(dtype).max)


def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with positive numbers of density ``lambd * e^(-lambd x)``, and return the tensor."""
    kind = self._array.dtype
    if kind.kind != "f":
        raise RuntimeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a "
            f"floating point but you specified {dtype_name(kind)}"
        )
    _positive("exponential_", "lambda", lambd)
    values = numpy_generator(generator).standard_exponential(self._array.shape) / lambd
    return _fill(self, np.maximum(values.astype(kind), np.finfo(kind).tiny))


def log_normal_(
    self: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill with numbers whose logarithms are normally distributed, and return the tensor."""
    _positive("log_normal_", "std", std)
    values = standard("standard_normal", self._array.shape, self._array.dtype, generator)
    return _fill(self, np.exp(values * std + mean))


def cauchy_(
    self: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill with numbers from a Cauchy distribution, and return the tensor."""
    kind = self._array.dtype
    if kind.kind != "f":
        raise RuntimeError(
            "Cauchy distribution is a continuous probability distribution. dtype must be a "
            f"floating point but you specified {dtype_name(kind)}"
        )
    _positive("cauchy_", "sigma", sigma)
    values = numpy_generator(generator).standard_cauchy(self._array.shape)
    return _fill(self, values * sigma + median)


def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Fill with how many trials it took until one of probability `p` succeeded; return the tensor.

    The numbers begin at 1.
    """
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    return _fill(self, numpy_generator(generator).geometric(p, self._array.shape))


def _positive(name: str, argument: str, value: float) -> None:
    if not value > 0:
        raise RuntimeError(f"{name} expects {argument} > 0.0, but found {argument}={value:g}")


METHODS: dict[str, Any] = {
    function.__name__: function
    for function in (
        bernoulli_,
        cauchy_,
        exponential_,
        geometric_,
        log_normal_,
        normal_,
        random_,
        uniform_,
    )
}

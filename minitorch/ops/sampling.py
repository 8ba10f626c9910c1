"""Random tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.saved import dtype_name
from minitorch.ops._data import numpy_dtype
from minitorch.ops.arguments import require_floating
from minitorch.ops.creation import checked_size, finish
from minitorch.random import Generator, numpy_generator
from minitorch.tensor import Tensor, wrap

__all__ = [
    "bernoulli", "multinomial", "normal", "rand", "rand_like", "randint", "randint_like", "randn",
    "randn_like", "randperm",
]  # fmt: skip

_KERNELS = {"random": "check_uniform_bounds", "standard_normal": "normal_kernel_cpu"}


def standard(name: str, shape: Any, dtype: Any, generator: Generator | None) -> np.ndarray:
    """Return uniform ("random") or normal ("standard_normal") numbers of a floating NumPy dtype."""
    require_floating(_KERNELS[name], np.dtype(dtype))
    draw = getattr(numpy_generator(generator), name)
    if dtype in (np.float32, np.float64):
        return np.asarray(draw(shape, dtype=dtype))
    return np.asarray(draw(shape)).astype(dtype)


def rand(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return numbers uniform in ``[0, 1)``."""
    array = standard("random", checked_size(sizes, size), numpy_dtype(dtype), generator)
    return finish(array, requires_grad, device)


def randn(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return numbers from the standard normal distribution."""
    array = standard("standard_normal", checked_size(sizes, size), numpy_dtype(dtype), generator)
    return finish(array, requires_grad, device)


def rand_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return `rand` of the shape and dtype of `input`."""
    return rand(*input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randn_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return `randn` of the shape and dtype of `input`."""
    return randn(*input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randint(
    low: int = 0,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
) -> Tensor:
    """Return integers from `low` (0 if left out) up to `high`, exclusive."""
    if size is None:
        high, size = None, high
    if size is None:
        raise TypeError("randint() missing 1 required argument: 'size'")
    if high is None:
        low, high = 0, low
    if high <= low:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    array = numpy_generator(generator).integers(low, high, checked_size((size,)))
    return finish(array.astype(numpy_dtype(dtype, np.dtype(np.int64))), device=device)


def randint_like(input: Tensor, low: int, high: int | None = None, *, dtype: Any = None) -> Tensor:
    """Return `randint` of the shape and dtype of `input`; with one number, from 0 up to that."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, tuple(input.shape), dtype=dtype or input.dtype)


def randperm(
    n: int, *, generator: Generator | None = None, dtype: Any = None, device: Any = None
) -> Tensor:
    """Return the integers below `n` in random order."""
    array = numpy_generator(generator).permutation(n)
    return finish(array.astype(numpy_dtype(dtype, np.dtype(np.int64))), device=device)


def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None
) -> Tensor:
    """Return normal numbers with the given mean and standard deviation, numbers or tensors."""
    if size is not None:
        shape = checked_size((size,))
    else:
        shape = np.broadcast_shapes(*[getattr(v, "shape", ()) for v in (mean, std)])
    kinds = [v._array.dtype for v in (mean, std) if isinstance(v, Tensor)]
    noise = wrap(
        standard("standard_normal", shape, kinds[0] if kinds else numpy_dtype(None), generator)
    )
    return noise * std + mean


def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """Return ones with the probabilities in `input`, zeros otherwise."""
    p = input._array
    if p.size and not (p.min() >= 0 and p.max() <= 1):
        raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
    return wrap((numpy_generator(generator).random(p.shape) < p).astype(p.dtype))


def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Return indices drawn with probabilities proportional to the rows of `input`.

    Args:
        input: weights, not negative and not all zero, ``(C,)`` or ``(N, C)``.
        num_samples: how many for each row.
        replacement: whether one index may be drawn twice.
        generator: where the randomness comes from.

    Shape:
        ``(num_samples,)`` or ``(N, num_samples)``, int64.

    Raises:
        RuntimeError: the weights are no distribution, or there are too few for the samples.
    """
    if input._array.dtype.kind != "f":
        raise RuntimeError(
            "multinomial only supports floating-point dtypes for input, got: "
            f"{dtype_name(input._array.dtype)}"
        )
    if input.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > input.shape[-1]:
        raise RuntimeError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement"
        )
    weights = input._array.astype(np.float64)
    rows = np.atleast_2d(weights)
    if not np.isfinite(rows).all() or (rows < 0).any():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (rows.sum(1) <= 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement and num_samples > (rows > 0).sum(1).min():
        raise RuntimeError(
            "invalid multinomial distribution (with replacement=False, not enough non-negative "
            "category to sample)"
        )
    uniform = numpy_generator(generator).random(
        (rows.shape[0], num_samples if replacement else rows.shape[1])
    )
    if replacement:
        edges = np.cumsum(rows, axis=1)
        found = [
            np.searchsorted(edge, u * edge[-1], side="right")
            for edge, u in zip(edges, uniform, strict=True)
        ]
        out = np.minimum(np.stack(found), rows.shape[1] - 1)
    else:  # the largest of u^(1/w): Efraimidis, Spirakis, "Weighted random sampling", 2006
        with np.errstate(divide="ignore"):
            keys = np.where(rows > 0, np.log(uniform) / np.where(rows > 0, rows, 1), -np.inf)
        out = np.argsort(-keys, axis=1, kind="stable")[:, :num_samples]
    return wrap(out[0] if weights.ndim == 1 else out)

"""Random tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.autograd.primitive import primitive
from minitorch.dtypes import cpp_name, dtype_name, numpy_dtype
from minitorch.ops.arguments import fitting, require_floating
from minitorch.ops.creation import checked_size, finish, like
from minitorch.ops.memory_format import preserve_format
from minitorch.ops.shape import broadcast_shapes
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
    values = np.asarray(draw(shape)).astype(dtype)
    return below(values, 0.0, 1.0) if name == "random" else values


def below(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return numbers of ``[low, high)`` of which rounding to float16 has made some `high`."""
    if values.dtype != np.float16:
        return values
    return np.minimum(values, np.nextafter(np.float16(high), np.float16(low)))


def whole_numbers(
    shape: Any, low: int, top: int, dtype: np.dtype[Any], generator: Generator | None
) -> np.ndarray:
    """Return integers from `low` to `top`, inclusive, which the NumPy dtype must hold."""
    if top < low:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={top + 1}"
        )
    require_within({"from": low, "to - 1": top}, dtype)
    array = numpy_generator(generator).integers(low, top, shape, endpoint=True)
    return np.asarray(array).astype(dtype)


def require_within(bounds: dict[str, Any], dtype: np.dtype[Any]) -> None:
    """Raise RuntimeError, naming it, for a bound that lies beyond the NumPy dtype."""
    limits: Any = np.finfo(dtype) if dtype.kind == "f" else None
    if limits is None and dtype.kind != "b":
        limits = np.iinfo(dtype)
    lowest, highest = (0, 1) if limits is None else (limits.min, limits.max)
    for name, value in bounds.items():
        if not lowest <= value <= highest:
            raise RuntimeError(f"{name} is out of bounds for {cpp_name(dtype)}")


def successes(shape: Any, p: Any, generator: Generator | None) -> np.ndarray:
    """Return where trials succeed that do so with the probability `p`, an array or a number."""
    if not isinstance(p, np.ndarray):
        if not 0 <= p <= 1:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    else:
        require_floating("bernoulli_tensor_cpu_p_", p.dtype)
        if p.size and not (p.min() >= 0 and p.max() <= 1):
            raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
    return np.asarray(numpy_generator(generator).random(shape) < p)


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


def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = preserve_format,
) -> Tensor:
    """Return `rand` of the shape and dtype of `input`."""
    out = like("rand_like", input, dtype, device, requires_grad, memory_format)
    out._array[...] = standard("random", out._array.shape, out._array.dtype, generator)
    return out


def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = preserve_format,
) -> Tensor:
    """Return `randn` of the shape and dtype of `input`."""
    out = like("randn_like", input, dtype, device, requires_grad, memory_format)
    out._array[...] = standard("standard_normal", out._array.shape, out._array.dtype, generator)
    return out


def randint(
    low: int = 0,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return integers from `low` (0 if left out) up to `high`, exclusive."""
    if size is None:
        high, size = None, high
    if size is None:
        raise TypeError("randint() missing 1 required argument: 'size'")
    low, high = (0, low) if high is None else (low, high)
    kind = np.dtype(numpy_dtype(dtype, np.int64))
    array = whole_numbers(checked_size((size,)), low, high - 1, kind, generator)
    return finish(array, requires_grad, device)


def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = preserve_format,
) -> Tensor:
    """Return `randint` of the shape and dtype of `input`; with one number, from 0 up to that."""
    low, high = (0, low) if high is None else (low, high)
    out = like("randint_like", input, dtype, device, requires_grad, memory_format)
    array = out._array
    array[...] = whole_numbers(array.shape, low, high - 1, array.dtype, generator)
    return out


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return the integers below `n` in random order."""
    kind = np.dtype(numpy_dtype(dtype, np.int64))
    checked_size((n,))
    most = 2 ** (np.finfo(kind).nmant + 1) + 1 if kind.kind == "f" else n
    if n > most:
        raise RuntimeError(f"n cannot be greater than {most} for {dtype_name(kind)} type.")
    fitting(max(n - 1, 0), kind)
    array = numpy_generator(generator).permutation(n)
    return finish(array.astype(kind), requires_grad, device)


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return normal numbers with the given mean and standard deviation.

    Args:
        mean: a number or a tensor.
        std: the same.
        size: of the result, if both are numbers.
        generator: where the randomness comes from.
        dtype: if both are numbers. Default: the default floating dtype.
        device: only the CPU.
        requires_grad: whether operations on the result are recorded, if both are numbers.
    """
    one = std._array.min(initial=0) if isinstance(std, Tensor) else std
    if not one >= 0:
        found = (
            "all elements of std >= 0.0" if one is not std else f"std >= 0.0, but found std {one:g}"
        )
        raise RuntimeError(f"normal expects {found}")
    options = {"size": size, "dtype": dtype, "device": device, "requires_grad": requires_grad}
    first = next((v for v in (mean, std) if isinstance(v, Tensor)), None)
    if first is None:
        if size is None:
            raise TypeError("normal() missing 1 required argument: 'size'")
        kind = numpy_dtype(dtype)
        noise = standard("standard_normal", checked_size((size,)), kind, generator)
        return finish(noise * float(std) + float(mean), requires_grad, device)
    for name, value in options.items():
        if value not in (None, False):
            raise TypeError(f"normal() takes '{name}' only if mean and std are numbers")
    shape = broadcast_shapes(*[v.shape for v in (mean, std) if isinstance(v, Tensor)])
    noise = standard("standard_normal", shape, first._array.dtype, generator)
    return _normal(mean, std, noise)


_normal = primitive(
    "normal",
    lambda mean, std, noise: (noise * std + mean).astype(noise.dtype, copy=False),
    mean=lambda g: None,
    std=lambda g: None,
)


def bernoulli(
    input: Tensor, p: float | None = None, *, generator: Generator | None = None
) -> Tensor:
    """Return ones with the probabilities in `input`, or with `p` instead, and zeros."""
    array = input._array
    hits = successes(array.shape, array if p is None else p, generator)
    return wrap(hits.astype(array.dtype))


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

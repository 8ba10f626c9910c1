"""What stands in brackets: ``x[index]``, and writing to the chosen places.

The rules are NumPy's but for one: as in torch, an integer beside index tensors is taken first, as a
view.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import kernels
from minitorch.autograd.primitive import Operation, primitive
from minitorch.size import wrap_dim
from minitorch.tensor import Tensor

__all__ = [
    "getitem", "narrow", "select",
]  # fmt: skip

# ---------------------------------------------------------------------- x[index]


def _read(x: np.ndarray, *, index: Any) -> np.ndarray:
    out = x[index]
    if isinstance(out, np.ndarray):
        return out
    return x[(*index, ...)] if isinstance(index, tuple) else x[index, ...]  # a view, not a scalar


def _erase(x: np.ndarray, *, index: Any) -> np.ndarray:
    out = np.array(x, order="K")
    out[index] = 0
    return out


def _write(x: np.ndarray, value: Any, *, index: Any) -> np.ndarray:
    x[index] = value
    return x


# For indices that `plain_index` has prepared.
read_at = primitive(
    "index", _read, x=lambda g, x_shape, index: add_at(g, index=index, shape=x_shape), view=True
)
add_at: Operation = primitive(
    "index_put",
    lambda g, *, index, shape: kernels.put_zeros(g, index, shape),
    g=lambda g, index: read_at(g, index=index),
)
erase_at: Operation = primitive("index_fill", _erase, x=lambda g, index: erase_at(g, index=index))
# Its forward writes to x itself: only on behalf of operations that change x, or that made it.
write_at = primitive(
    "index_put",
    _write,
    x=lambda g, index: erase_at(g, index=index),
    value=lambda g, index: read_at(g, index=index),
)


_BAD_INDEX = "tensors used as indices must be long, int, byte or bool tensors, got {}"


_SEQUENCES = (list, tuple, range, slice, Tensor, type(None), type(...))


def plain_index(index: Any) -> Any:
    """Return an index in which tensors and lists have become arrays.

    IndexError if it has a bad part.
    """
    if isinstance(index, list) and any(isinstance(part, _SEQUENCES) for part in index):
        index = tuple(index)  # as torch reads a list of lists
    if isinstance(index, tuple):
        return tuple(_plain_part(part) for part in index)
    return _plain_part(index)


def _plain_part(part: Any) -> Any:
    if isinstance(part, slice):
        return _plain_slice(part)
    if isinstance(part, Tensor):
        part = part._array
        if part.ndim == 0 and part.dtype.kind in "iu":
            return int(part)
        if part.dtype in (np.int8, np.int16):
            raise IndexError(_BAD_INDEX.format(part.dtype))
    elif isinstance(part, (list, range)):
        part = np.asarray(part) if len(part) else np.empty(0, np.int64)
    elif isinstance(part, bool):
        part = np.asarray(part)
    elif isinstance(part, str):
        raise TypeError(f"a tensor cannot be indexed by a 'str', {part!r:.60}")
    if isinstance(part, np.ndarray):
        if part.dtype.kind not in "iub":
            raise IndexError(_BAD_INDEX.format(part.dtype))
        # A copy: the tape may keep it, and its owner may change it meanwhile.
        return part.astype(bool if part.dtype == np.uint8 else part.dtype)
    return part


def _plain_slice(part: slice) -> slice:
    if part.step is not None and part.step <= 0:
        raise ValueError("step must be greater than zero")
    bounds = (part.start, part.stop, part.step)
    return slice(*[b if b is None else int(b) for b in bounds])


def integers_first(index: Any) -> tuple[Any, Any] | None:
    """Return an index with integers beside arrays as two, basic parts first; else None."""
    if not isinstance(index, tuple):
        return None
    kinds = {type(part) for part in index}
    if int not in kinds or np.ndarray not in kinds:
        return None
    first: list[Any] = []
    then: list[Any] = []
    for part in index:
        if isinstance(part, np.ndarray):
            first.extend([slice(None)] * (part.ndim if part.dtype == bool else 1))
            then.append(part)
        else:
            first.append(part)
            if part is Ellipsis:
                then.append(part)
            elif not isinstance(part, int):
                then.append(slice(None))
    return tuple(first), tuple(then)


def out_of_range(error: IndexError, x: Tensor) -> IndexError:
    """Return NumPy's complaint in torch's words."""
    text = str(error).replace("for axis", "for dimension").replace("array", "tensor")
    if text.startswith("too many indices"):
        return IndexError(
            f"too many indices for tensor of dimension {x.ndim} (shape {list(x.shape)})"
        )
    return IndexError(f"{text} (tensor of shape {list(x.shape)})")


def getitem(input: Tensor, index: Any) -> Any:
    """Return ``input[index]``: a view for integers, slices, None and ``...``, otherwise a copy.

    Args:
        input: the tensor.
        index: one or a tuple of: int, slice with a positive step, None, ``...``, and tensors or
            lists of integers or bools.

    Raises:
        IndexError: out of range, or too many indices.
    """
    plain = plain_index(index)
    two = integers_first(plain)
    try:
        if two is None:
            return read_at(input, index=plain)
        return read_at(read_at(input, index=two[0]), index=two[1])
    except IndexError as error:
        raise out_of_range(error, input) from None


# ---------------------------------------------------------------------- along one dimension


def along(dim: int, index: Any) -> tuple[Any, ...]:
    """Return the index that applies `index` to dimension `dim`, which is not negative."""
    return (*[slice(None)] * dim, index)


def slice_along(dim: int, start: int, stop: int) -> tuple[Any, ...]:
    """Return the index of the places from `start` to `stop` of dimension `dim`."""
    return along(dim, slice(start, stop))


def narrow(input: Any, dim: int, start: int, length: int) -> Any:
    """Return a view of `length` places along `dim`, from `start` on."""
    if input.ndim == 0:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    place = wrap_dim(dim, input.ndim)
    if start < 0:
        start += input.shape[place]
    if start < 0 or length < 0 or start + length > input.shape[place]:
        raise RuntimeError(
            f"start ({start}) + length ({length}) exceeds dimension size ({input.shape[place]})."
        )
    return read_at(input, index=slice_along(place, start, start + length))


def select(input: Any, dim: int, index: int) -> Any:
    """Return a view at `index` along `dim`, without that dimension."""
    if input.ndim == 0:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    place = wrap_dim(dim, input.ndim)
    if not -input.shape[place] <= index < input.shape[place]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at "
            f"dimension {place}"
        )
    return read_at(input, index=along(place, index))

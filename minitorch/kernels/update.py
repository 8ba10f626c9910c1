"""What the updates of optimizers are made of: few sweeps over memory, and no fresh memory."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np

from minitorch.kernels import blas, parallel

_LEAST = 16 * 1024  # elements: below, calling BLAS costs more than the sweeps that it saves


def blend(y: np.ndarray, keep: float, x: np.ndarray, share: float) -> None:
    """Set y to ``keep * y + share * x``: one sweep over large arrays where NumPy needs four.

    Args:
        y: an array in any memory order, changed in place.
        keep: the factor of y.
        x: another array of the same shape and dtype, in any memory order.
        share: the factor of x.
    """
    if y.size >= _LEAST and keep != 0 and share != 0 and _lie_alike(x, y):
        axpby, pointer = _axpby(y.dtype)
        if axpby is not None:
            if not y.flags.c_contiguous:
                x, y = x.T, y.T
            axpby(y.size, share, pointer(x), 1, keep, pointer(y), 1)
            return
    if keep != 1:
        y *= keep
    y += x if share == 1 else x * share


def blend_square(y: np.ndarray, keep: float, x: np.ndarray, share: float) -> Any:
    """Set y to ``keep * y + share * x^2``.

    A square of float16 overflows from 256 on; its share of y need not, so there it is computed in
    float32.

    Args:
        y: as for `blend`.
        keep: the factor of y.
        x: as for `blend`.
        share: the factor of the squares.

    Returns:
        Memory like `x` to go on computing in, as `temporary` gives it.
    """
    if x.itemsize == 2:
        y[...] = keep * y.astype(np.float32) + share * np.square(x.astype(np.float32))
        return np.empty_like(x)
    square = np.square(x, out=temporary(x))
    blend(y, keep, square, share)
    return square


def temporary(like: np.ndarray) -> Any:
    """Return memory to compute in, of the shape, dtype and order of `like`, as ``out=`` of a ufunc.

    It is valid until the same thread asks again. For small arrays and those with gaps it is
    ``...``, with which NumPy makes an array of its own.
    """
    if like.size >= _LEAST and like.flags.c_contiguous:
        return parallel.scratch("temporary", like.shape, like.dtype)
    if like.size >= _LEAST and like.flags.f_contiguous:
        return parallel.scratch("temporary", like.shape[::-1], like.dtype).T
    return ...


def _lie_alike(x: np.ndarray, y: np.ndarray) -> bool:
    """Return whether equal places of two arrays without gaps hold equal indices."""
    if x.dtype != y.dtype or x.strides != y.strides or not x.flags.writeable:
        return False
    return y.flags.c_contiguous or y.flags.f_contiguous


@cache
def _axpby(dtype: Any) -> tuple[Any, Any]:
    """Return BLAS' ``y = b y + a x`` as ``f(n, a, x, 1, b, y, 1)``, or None, and its pointers."""
    if dtype.char not in "fd":
        return None, None
    single = dtype.char == "f"
    kind, number = ("s", ctypes.c_float) if single else ("d", ctypes.c_double)
    axpby = blas.function(f"scipy_cblas_{kind}axpby64_", f"cblas_{kind}axpby64_")
    if axpby is not None:
        size, memory = ctypes.c_int64, ctypes.c_void_p
        axpby.argtypes = [size, number, memory, size, number, memory, size]
        axpby.restype = None

    def pointer(array: Any) -> Any:
        """Return the address of the first element, ten times as fast as ``array.ctypes``."""
        return ctypes.byref(number.from_buffer(array))

    return axpby, pointer

"""What Python and NumPy see of a tensor: an array, a number, a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.memory_order import lay_out


class Interoperable:
    """The part of `Tensor` that leaves the tape."""

    __slots__ = ()

    _array: np.ndarray
    _requires_grad: bool

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """Return the ndarray that shares this tensor's memory.

        Memory whose order an operation or a layer has chosen is brought into row-major order first,
        with every tensor that looks at it, and stays so (`memory_order`): who holds the ndarray
        sees every later change. For a copy that leaves everything as it is, use ``np.array(x)``.

        Args:
            force: return the numbers of a tensor that requires grad, too.

        Raises:
            RuntimeError: the tensor requires grad.
        """
        if self._requires_grad and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() "
                "instead."
            )
        if not self._array.flags.c_contiguous:
            lay_out(self)
        return self._array

    def item(self) -> Any:
        """Return the one element as a Python number."""
        if self._array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self._array.size} elements cannot be converted to Scalar"
            )
        return self._array.item()

    def tolist(self) -> Any:
        """Return the elements as nested lists of Python numbers."""
        return self._array.tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        copied = copy and not self._requires_grad
        return np.array(self._array if copied else self.numpy(), dtype=dtype, copy=copy)

    def __len__(self) -> int:
        if self._array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise RuntimeError(
                "Boolean value of Tensor with "
                f"{'no values' if self._array.size == 0 else 'more than one value'} is ambiguous"
            )
        return bool(self._array.item())

    def __float__(self) -> float:
        return float(self._scalar())

    def __int__(self) -> int:
        return int(self._scalar())

    def _scalar(self) -> Any:
        if self._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self._array.item()

    def __index__(self) -> int:
        if self._array.dtype.kind not in "iub" or self._array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._array.item())

    def __complex__(self) -> complex:
        return complex(self._scalar())

    def __contains__(self, value: Any) -> bool:
        if not isinstance(value, (Interoperable, int, float, np.generic)):
            raise RuntimeError(
                "Tensor.__contains__ only supports Tensor or scalar, but you passed in a "
                f"{type(value)}."
            )
        other = value._array if isinstance(value, Interoperable) else value
        return bool((self._array == other).any())

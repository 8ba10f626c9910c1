"""What a tensor is: an array, and its place on the tape.

`Tensor` holds state and answers questions about it. Everything that computes (operators, methods
such as ``x.sum()``, ``backward``) is written in `minitorch.ops` and `minitorch.autograd`, above
this floor, and bound to the class from one table in `minitorch.methods`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minitorch import dtypes
from minitorch.copying import Copyable
from minitorch.devices import CPU, device, require_cpu
from minitorch.interop import Interoperable
from minitorch.memory_order import leave, share
from minitorch.modes import INFERENCE_MODE, state
from minitorch.notices import warn
from minitorch.size import Size, wrap_dim

if TYPE_CHECKING:
    from collections.abc import Callable

    from minitorch.typing import TensorMethods
else:
    TensorMethods = object

_new = object.__new__


class Tensor(Interoperable, Copyable, TensorMethods):
    """A batched array of numbers that remembers how it was computed.

    Args:
        *data: nested sequences, an ndarray or a tensor, which are brought to the default dtype;
            `minitorch.tensor` infers the dtype instead. Or a size, ``Tensor(2, 3)``, for elements
            that are not set.

    Example:
        >>> import minitorch
        >>> x = minitorch.tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        tensor([2., 4., 6.])
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_array",  # the ndarray; any memory order
        "_cell",  # what `_counter` returns, None as long as nobody has asked
        "_grad",
        "_hooks",  # of a leaf: {id: hook}, called with the gradient
        "_node",  # grad_fn: the node that made this tensor, None for a leaf
        "_requires_grad",
        "_view",  # for a view: autograd.views.View, how to make it again from its base
    )

    _array: np.ndarray
    _cell: list[int] | None
    _hooks: dict[int, Callable[..., Any]] | None
    _node: Any
    _requires_grad: bool
    _view: Any
    _grad: Tensor | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Tensor:
        """Make an instance whose every field is set."""
        self = _new(cls)
        self._cell = self._grad = self._node = self._view = self._hooks = None
        self._requires_grad = False
        return self

    def __init__(self, *data: Any, device: Any = None) -> None:
        require_cpu(device, "Tensor")
        kind = dtypes.get_default_dtype().numpy
        if len(data) != 1 or isinstance(data[0], (int, Size)):
            sizes = data[0] if data and isinstance(data[0], Size) else data or (0,)
            self._array = np.empty(sizes, kind)
            return
        (source,) = data
        self._array = np.array(source._array if isinstance(source, Tensor) else source, dtype=kind)

    # ------------------------------------------------------------------ what it is

    @property
    def shape(self) -> Size:
        """The size of each dimension."""
        return Size(self._array.shape)

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the size of dimension `dim`."""
        shape = self._array.shape
        if dim is None:
            return Size(shape)
        try:
            return shape[dim]
        except IndexError:
            wrap_dim(dim, len(shape))  # says which there are
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions") from None

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def dim(self) -> int:
        """Return the number of dimensions."""
        return self._array.ndim

    def numel(self) -> int:
        """Return the number of elements."""
        return self._array.size

    nelement = numel

    def stride(self, dim: int | None = None) -> Any:
        """Return the step between neighbours in elements, of every dimension or of `dim`."""
        steps = tuple(s // self._array.itemsize for s in self._array.strides)
        return steps if dim is None else steps[dim]

    def element_size(self) -> int:
        """Return the bytes of one element."""
        return self._array.itemsize

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self._array.itemsize

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self._array.nbytes

    @property
    def dtype(self) -> dtypes.dtype:
        """The element type."""
        return dtypes.from_numpy_dtype(self._array.dtype)

    @property
    def device(self) -> device:
        """Where the data lives: always the CPU."""
        return CPU

    @property
    def is_cuda(self) -> bool:
        """False: there is no GPU here."""
        return False

    def is_floating_point(self) -> bool:
        """Return whether the element type is floating."""
        return self._array.dtype.kind == "f"

    def is_contiguous(self) -> bool:
        """Return whether the elements lie in memory in row-major order."""
        return self._array.flags.c_contiguous

    def data_ptr(self) -> int:
        """Return the address of the first element."""
        return self._array.ctypes.data

    # ------------------------------------------------------------------ place on the tape

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded."""
        if self._view is not None:
            self._view.renew(self)
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not value and self._node is not None:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a "
                "computed variable in a subgraph that doesn't require differentiation use "
                "var_no_grad = var.detach()."
            )
        if value and self._array.dtype.kind != "f":
            raise RuntimeError(
                f"only Tensors of floating point dtype can require gradients: this one is "
                f"{self.dtype}"
            )
        if value and self._cell is INFERENCE and state.mode != INFERENCE_MODE:
            raise RuntimeError(
                "Setting requires_grad=True on inference tensor outside InferenceMode is not "
                "allowed."
            )
        self._requires_grad = bool(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set `requires_grad` in place and return the tensor."""
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this tensor."""
        if self._view is not None:
            self._view.renew(self)
        return self._node is None

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward passes have added up; None before the first."""
        gradient = self._grad
        if gradient is None and self._node is not None and not self.retains_grad:
            warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its "
                ".grad attribute won't be populated during autograd.backward(). If you indeed want "
                "the .grad field to be populated for a non-leaf Tensor, use .retain_grad() on the "
                "non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you "
                "access the leaf Tensor instead.",
            )
        return gradient

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            _check_gradient(self, value)
        self._grad = value

    @property
    def _version(self) -> int:
        """How often the memory was changed in place."""
        if self._cell is INFERENCE:
            raise RuntimeError("Inference tensors do not track version counter.")
        return self._counter[0]

    @property
    def _counter(self) -> list[int]:
        """``[n]``: n counts in-place changes. All views of one memory share the list."""
        cell = self._cell
        if cell is None:
            cell = self._cell = [0]
        return cell

    @_counter.setter
    def _counter(self, cell: list[int]) -> None:
        self._cell = cell

    def _is_view(self) -> bool:
        return self._view is not None and not self._view.whole

    @property
    def data(self) -> Tensor:
        """The same memory outside autograd: changes to it are not recorded and not checked."""
        data = wrap(self._array)
        share(data, self)
        if self._cell is INFERENCE:
            data._cell = INFERENCE
        return data

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if self._requires_grad and value._array.dtype.kind != "f":
            raise RuntimeError(
                "data set to a tensor that requires gradients must be floating point: this one is "
                f"{value.dtype}"
            )
        if value is self:
            return
        leave(self)
        self._array = value._array
        share(self, value)

    def is_inference(self) -> bool:
        """Return whether the tensor was made under `inference_mode`."""
        return self._cell is INFERENCE

    def __format__(self, spec: str) -> str:
        if self._array.ndim == 0 and type(self) is Tensor:
            return format(self.item(), spec)
        return super().__format__(spec)

    __hash__ = object.__hash__


def _check_gradient(tensor: Tensor, gradient: Any) -> None:
    """Raise an error if `gradient` cannot be the ``.grad`` of `tensor`."""
    if not isinstance(gradient, Tensor):
        raise TypeError(
            f"assigned grad expected to be a Tensor or None but got grad of type "
            f"{type(gradient).__name__}"
        )
    if gradient is tensor:
        raise RuntimeError("can't assign Variable as its own grad")
    if gradient._array.shape != tensor._array.shape:
        raise RuntimeError(
            f"attempting to assign a gradient of size '{list(gradient.shape)}' to a tensor of size "
            f"'{list(tensor.shape)}'. Please ensure that the gradient and the tensor are the same "
            "size"
        )
    if gradient._array.dtype != tensor._array.dtype:
        raise RuntimeError(
            f"attempting to assign a gradient with dtype '{gradient.dtype}' to a tensor with dtype "
            f"'{tensor.dtype}'. Please ensure that the gradient and the tensor have the same dtype"
        )


INFERENCE: list[int] = [0]  # the version that every inference tensor shares


def wrap(array: np.ndarray) -> Tensor:
    """Return a new leaf tensor around `array`, which is not copied."""
    tensor = _new(Tensor)
    tensor._array = array
    tensor._cell = tensor._grad = tensor._node = tensor._view = tensor._hooks = None
    tensor._requires_grad = False
    return tensor

"""What a tensor is: an array, and its place on the tape.

`Tensor` holds state and answers questions about it. Everything that computes (operators, methods
such as ``x.sum()``, ``backward``) is written in `minitorch.ops` and `minitorch.autograd`, above
this floor, and bound to the class from one table in `minitorch.methods`.
"""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np

from minitorch import dtypes
from minitorch.devices import CPU, device, require_cpu
from minitorch.memory_order import SHARED, Memory, fix, lay_out, leave, share
from minitorch.modes import INFERENCE_MODE, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from minitorch.typing import TensorMethods
else:
    TensorMethods = object

_new = object.__new__
_item = tuple.__getitem__


class Tensor(TensorMethods):
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
        return Size(self._array.shape) if dim is None else self._array.shape[dim]

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
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its "
                ".grad attribute won't be populated during autograd.backward(). If you indeed want "
                "the .grad field to be populated for a non-leaf Tensor, use .retain_grad() on the "
                "non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you "
                "access the leaf Tensor instead.",
                stacklevel=2,
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
        return self._view is not None

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
        leave(self)
        self._array = value._array
        share(self, value)

    def is_inference(self) -> bool:
        """Return whether the tensor was made under `inference_mode`."""
        return self._cell is INFERENCE

    # ------------------------------------------------------------------ leaving the tape

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
        if not isinstance(value, (Tensor, int, float, np.generic)):
            raise RuntimeError(
                "Tensor.__contains__ only supports Tensor or scalar, but you passed in a "
                f"{type(value)}."
            )
        other = value._array if isinstance(value, Tensor) else value
        return bool((self._array == other).any())

    def __format__(self, spec: str) -> str:
        if self._array.ndim == 0 and type(self) is Tensor:
            return format(self.item(), spec)
        return super().__format__(spec)

    __hash__ = object.__hash__

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if self._node is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                "protocol and pickling at the moment. Use .detach() first."
            )
        return _rebuild, (type(self), self._array, self._requires_grad, self._grad, self._state())

    def _state(self) -> dict[str, Any]:
        """Return the attributes that a copy shall have, too: all but the hooks and the views."""
        own = ("_post_accumulate_grad_hooks", SHARED)
        return {k: v for k, v in self.__dict__.items() if k not in own}

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if id(self) in memo:
            return memo[id(self)]
        rebuild, (cls, array, requires_grad, grad, state) = self.__reduce_ex__(4)
        linked = self._view is not None or SHARED in self.__dict__
        copied = rebuild(cls, _copied(array, memo, linked), requires_grad, None, {})
        memo[id(self)] = copied
        if SHARED in self.__dict__:
            memory, steps = self.__dict__[SHARED]
            if id(memory) not in memo:
                memo[id(memory)] = Memory(_copied(memory.array, memo, True), memory.fixed)
            memo[id(memory)].add(copied, steps)
        elif self._view is not None:
            fix(copied)
        copied._grad = copy.deepcopy(grad, memo)
        copied.__dict__.update(copy.deepcopy(state, memo))
        return copied


class Size(tuple[int, ...]):
    """A shape: a tuple that prints and counts as torch's does.

    Example:
        >>> import minitorch
        >>> minitorch.zeros(2, 3).shape, minitorch.zeros(2, 3).shape.numel()
        (minitorch.Size([2, 3]), 6)
    """

    __slots__ = ()

    @overload
    def __getitem__(self, place: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Size: ...
    def __getitem__(self, place: Any) -> Any:
        found = _item(self, place)
        return Size(found) if type(place) is slice else found

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: tuple[int, ...]) -> Size:
        return Size(other + tuple(self))

    def __mul__(self, count: Any) -> Size:
        return Size(tuple.__mul__(self, count))

    __rmul__ = __mul__

    def numel(self) -> int:
        """Return the number of elements of a tensor of this shape."""
        count = 1
        for size in self:
            count *= size
        return count

    def __repr__(self) -> str:
        return f"minitorch.Size([{', '.join(map(str, self))}])"


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


def _rebuild(
    cls: type[Tensor],
    array: np.ndarray,
    requires_grad: bool,
    grad: Tensor | None,
    state: dict[str, Any],
) -> Tensor:
    tensor = cls.__new__(cls)
    tensor._array = array
    tensor._requires_grad = requires_grad
    tensor._grad = grad
    tensor.__dict__.update(state)
    return tensor


_SPARE = 64  # bytes that memory of the library's own has beyond what an array shows


def _copied(array: np.ndarray, memo: dict[int, Any], linked: bool) -> np.ndarray:
    """Return `array` in a copy of all the memory it looks at, of which `memo` holds one copy.

    A part of an array of somebody else's, a row of a file say, is copied alone unless it is
    `linked` to other tensors.
    """
    owner: Any = array
    holder: Any = array
    while (holder := getattr(holder, "base", None)) is not None:
        owner = holder if isinstance(holder, np.ndarray) else owner
    if not linked and array.nbytes + _SPARE < owner.nbytes:
        return array.copy(order="K")
    new = copy.deepcopy(owner, memo)
    steps = zip(owner.shape, owner.strides, new.strides, strict=True)
    if any(before != after for n, before, after in steps if n > 1):  # of gaps there is no copy
        return array.copy(order="K")
    if array is owner:
        return new
    start = array.ctypes.data - owner.ctypes.data
    out = np.ndarray(array.shape, array.dtype, new.ravel(order="K"), start, array.strides)
    repeats = any(step == 0 and n > 1 for step, n in zip(out.strides, out.shape, strict=True))
    out.flags.writeable = not repeats
    return out

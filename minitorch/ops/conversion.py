"""Copies, dtypes, and leaving the tape."""

from __future__ import annotations

from typing import Any, TypeGuard

from minitorch import dtypes
from minitorch.autograd.coerce import cast
from minitorch.autograd.primitive import primitive
from minitorch.autograd.views import refresh
from minitorch.devices import device as device_type
from minitorch.devices import require_cpu
from minitorch.dtypes import dtype_name, numpy_dtype
from minitorch.memory_order import fix, share
from minitorch.modes import INFERENCE_MODE, state
from minitorch.ops.memory_format import (
    check_format,
    contiguous_format,
    is_laid_out,
    laid_out,
    preserve_format,
)
from minitorch.ops.pointwise import clone as copy_of
from minitorch.tensor import INFERENCE, Tensor, wrap

__all__ = [
    "clone",
    "contiguous",
    "detach",
    "is_floating_point",
    "is_tensor",
    "numel",
    "result_type",
    "to",
]

_in_order = primitive("clone", lambda x, *, order: laid_out(x, order), x=lambda g: g)


def detach(input: Tensor) -> Tensor:
    """Return a tensor off the tape with the same memory: both see changes in place."""
    out = wrap(input._array)
    out._counter = input._counter
    share(out, input)
    return out


def detach_(input: Tensor) -> Tensor:
    """Take the tensor itself off the tape, and return it."""
    if input._is_view():
        raise RuntimeError("Can't detach views in-place. Use detach() instead.")
    for tensor in (input,) if input._view is None else (input, input._view.base):
        tensor._node = None
        tensor._requires_grad = False
    return input


def clone(input: Tensor, *, memory_format: Any = preserve_format) -> Tensor:
    """Return a copy, through which gradients flow, with its memory in the order `memory_format`."""
    if memory_format is preserve_format:
        out = copy_of(input)
    else:
        check_format("clone", memory_format, input.ndim)
        out = _laid(input, memory_format)
    if state.mode != INFERENCE_MODE and out._counter is INFERENCE:
        out._counter = [0]
    return out


def contiguous(input: Tensor, *, memory_format: Any = contiguous_format) -> Tensor:
    """Return the tensor if its memory is in the order `memory_format`, otherwise such a copy."""
    check_format("contiguous", memory_format, input.ndim)
    if memory_format is preserve_format:
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    return _ordered(input, memory_format)


def _ordered(input: Tensor, memory_format: Any) -> Tensor:
    kept = is_laid_out(input._array, memory_format)
    return input if kept else _laid(input, memory_format)


def _laid(input: Tensor, memory_format: Any) -> Tensor:
    """Return a copy whose order of memory stays, as somebody asked for it."""
    out: Tensor = _in_order(input, order=memory_format)
    fix(out)
    return out


def to(
    input: Tensor,
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    non_blocking: bool | None = None,
    memory_format: Any = preserve_format,
) -> Tensor:
    """Return the tensor with another dtype, or itself if it has that already.

    Args:
        input: the tensor.
        *args: device and dtype, a dtype, or a tensor whose dtype to take; then `non_blocking` and
            `copy`.
        dtype: the dtype.
        device: only the CPU.
        copy: copy even if nothing changes. Default: False.
        non_blocking: has no effect on the CPU, as in torch.
        memory_format: the order of the memory.
    """
    others = dtype, device, copy, non_blocking
    if len(args) == 1 and others == (None,) * 4 and memory_format is preserve_format:
        (kind,) = args
        if type(kind) is dtypes.dtype and kind.numpy == input._array.dtype:
            return input  # what is asked most often
    by_name = {"device": device, "dtype": dtype, "non_blocking": non_blocking, "copy": copy}
    chosen = _of_to(args)
    for name, value in by_name.items():
        if value is not None and chosen[name] is not None:
            raise TypeError(f"to() got multiple values for argument '{name}'")
        chosen[name] = chosen[name] if value is None else value
    require_cpu(chosen["device"], "to")
    check_format("to", memory_format, input.ndim)
    kind = numpy_dtype(chosen["dtype"], input._array.dtype)
    if input._array.dtype != kind:
        return _ordered(cast(input, dtype=kind), memory_format)
    if chosen["copy"]:
        return clone(input, memory_format=memory_format)
    return _ordered(input, memory_format)


_PLACES = {
    "device": (str, device_type, int, type(None)),
    "dtype": (dtypes.dtype, type, type(None)),
    "non_blocking": (bool, type(None)),
    "copy": (bool, type(None)),
}


def _of_to(args: tuple[Any, ...]) -> dict[str, Any]:
    """Return the arguments that `to` was given by position under their names, None for others."""
    given = args
    if args and isinstance(args[0], (Tensor, dtypes.dtype, type)):
        given = (None, getattr(args[0], "dtype", args[0]), *args[1:])
    given += (None,) * (len(_PLACES) - len(given))
    fits = len(given) == len(_PLACES) and not isinstance(given[0], bool)
    if not fits or not all(map(isinstance, given, _PLACES.values())):
        kinds = ", ".join(type(argument).__name__ for argument in args)
        raise TypeError(f"to() received an invalid combination of arguments - got ({kinds})")
    return dict(zip(_PLACES, given, strict=True))


def is_tensor(obj: object) -> TypeGuard[Tensor]:
    """Return whether `obj` is a Tensor."""
    return isinstance(obj, Tensor)


def is_floating_point(input: Tensor) -> bool:
    """Return whether the dtype of `input` is a floating one."""
    return input.is_floating_point()


def numel(input: Tensor) -> int:
    """Return the number of elements of `input`."""
    return input.numel()


def result_type(tensor1: Any, tensor2: Any) -> dtypes.dtype:
    """Return the dtype of an operation on two tensors or numbers.

    Example:
        >>> import minitorch
        >>> minitorch.result_type(minitorch.tensor([1, 2]), 1.0)
        minitorch.float32
    """
    operands = tuple(getattr(x, "_array", x) for x in (tensor1, tensor2))
    return dtypes.from_numpy_dtype(dtypes.result_type(operands))


def _caster(d: dtypes.dtype) -> Any:
    def convert(input: Tensor, *, memory_format: Any = preserve_format) -> Tensor:
        return to(input, d, memory_format=memory_format)

    convert.__name__ = d.name
    convert.__doc__ = f"Return the tensor as {d.name}; itself if it is that already."
    return convert


to_float, to_double, to_half = map(_caster, (dtypes.float32, dtypes.float64, dtypes.float16))
to_long, to_int, to_short = map(_caster, (dtypes.int64, dtypes.int32, dtypes.int16))
to_bool, to_byte, to_char = map(_caster, (dtypes.bool, dtypes.uint8, dtypes.int8))


def cpu(input: Tensor, *, memory_format: Any = preserve_format) -> Tensor:
    """Return the tensor: it is on the CPU."""
    return to(input, memory_format=memory_format)


def type_as(input: Tensor, tensor: Tensor) -> Tensor:
    """Return `input` with the dtype of `tensor`."""
    return to(input, tensor.dtype)


def type_of(
    input: Tensor,
    dtype: Any = None,
    non_blocking: bool = False,  # noqa: ARG001 - everything is here already
) -> Any:
    """Return the name of the tensor's type, or the tensor as another.

    Args:
        input: the tensor.
        dtype: a dtype, or a type or its name, such as ``"torch.LongTensor"``. Default: the name
            is returned.
        non_blocking: has no effect on the CPU, as in torch.
    """
    if dtype is None:
        return f"torch.{dtype_name(input._array.dtype)}Tensor"
    if isinstance(dtype, str):
        known = {f"torch.{dtype_name(d.numpy)}Tensor": d for d in dtypes.ALL}
        if dtype not in known:
            raise ValueError(f"invalid type: '{dtype}'")
        dtype = known[dtype]
    return to(input, getattr(dtype, "dtype", dtype))


def grad_fn(tensor: Tensor) -> Any:
    """The node that made the tensor; None for a leaf."""
    if tensor._view is not None:
        refresh(tensor)
    return tensor._node

"""The one table that gives `Tensor` its operators and methods.

`Tensor` lies below the operations and cannot import them; here they are bound to it, once, in the
open.
"""

from __future__ import annotations

from typing import Any

from minitorch import dtypes, ops
from minitorch.autograd import differentiate, hooks
from minitorch.formatting import tensor_text
from minitorch.ops import (
    conversion,
    factors,
    inplace,
    inplace_table,
    numpy_names,
    of_a_kind,
    questions,
    shape,
    strides,
    transposition,
    ufuncs,
)
from minitorch.tensor import Tensor


def _reflected(op: Any) -> Any:
    """Return ``op`` with its operands exchanged, for ``__radd__`` and its kind."""

    def reflected(self: Tensor, other: Any) -> Any:
        return op(other, self)

    return reflected


def _refuse_deletion(self: Tensor, index: Any) -> None:  # noqa: ARG001
    raise TypeError("Tensor does not support deleting items")


def _product(self: Tensor, other: Any) -> Any:
    return ops.matmul(self, other) if isinstance(other, Tensor) else NotImplemented


def _reflected_product(self: Tensor, other: Any) -> Any:
    return ops.matmul(other, self) if isinstance(other, Tensor) else NotImplemented


def _operator(op: Any) -> Any:
    """Return ``op`` as an operator: a foreign operand gives NotImplemented, and is asked itself."""

    def operate(self: Tensor, other: Any) -> Any:
        if isinstance(other, (str, bytes, dict, list, tuple, set, type(None))):
            return NotImplemented
        return op(self, other)

    return operate


def _compare(op: Any, answer: bool) -> Any:
    def compare(self: Tensor, other: Any) -> Any:
        if other is None or isinstance(other, (str, bytes, dict, list, tuple)):
            return answer
        return op(self, other)

    return compare


def _repr(self: Tensor) -> str:
    suffixes = []
    try:
        node = conversion.grad_fn(self)
        made_by = None if node is None else node.name()
    except RuntimeError:  # a view made in no_grad mode, whose base was changed
        made_by = "Invalid"
    if made_by is not None:
        suffixes.append(f"grad_fn=<{made_by}>")
    elif self._requires_grad:
        suffixes.append("requires_grad=True")
    return tensor_text(self._array, dtypes.get_default_dtype().numpy, suffixes)


def _backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add to ``.grad`` of every leaf the gradient of this tensor with respect to it."""
    differentiate.backward(self, gradient, retain_graph, create_graph, inputs)


def _reversed(self: Tensor) -> Any:
    """Return the tensor turned round along the first dimension, as ``reversed(x)`` wants it."""
    return ops.flip(self, 0) if self._array.ndim else self


def _iterate(self: Tensor) -> Any:
    if self._array.ndim == 0:
        raise TypeError("iteration over a 0-d tensor")
    return iter(ops.unbind(self, 0))


def _split(self: Tensor, split_size: Any, dim: int = 0) -> Any:
    """Return views of `split_size` places each (or of the sizes given) along `dim`."""
    return ops.split(self, split_size, dim)


def _split_with_sizes(self: Tensor, split_sizes: Any, dim: int = 0) -> Any:
    """Return views of the sizes given, one after the other along `dim`."""
    return ops.split(self, [*split_sizes], dim)


def _reversed_dims(self: Tensor) -> Any:
    """The view with the dimensions in reverse order."""
    return shape.permute_dims(self, dims=tuple(reversed(range(self._array.ndim))))


def _where(self: Tensor, condition: Any, other: Any) -> Any:
    """Return the tensor where `condition` holds and `other` elsewhere."""
    return ops.where(condition, self, other)


_in = inplace_table.METHODS

OPERATORS: dict[str, Any] = {
    "__add__": _operator(ops.add),
    "__radd__": _reflected(ops.add),
    "__iadd__": _in["add_"],
    "__sub__": _operator(ops.sub),
    "__rsub__": _reflected(ops.sub),
    "__isub__": _in["sub_"],
    "__mul__": _operator(ops.mul),
    "__rmul__": _reflected(ops.mul),
    "__imul__": _in["mul_"],
    "__truediv__": _operator(ops.div),
    "__rtruediv__": _reflected(ops.div),
    "__itruediv__": _in["div_"],
    "__floordiv__": _operator(ops.floor_divide),
    "__rfloordiv__": _reflected(ops.floor_divide),
    "__ifloordiv__": _in["floor_divide_"],
    "__mod__": _operator(ops.remainder),
    "__rmod__": _reflected(ops.remainder),
    "__imod__": _in["remainder_"],
    "__pow__": _operator(ops.power),
    "__rpow__": _reflected(ops.power),
    "__ipow__": _in["pow_"],
    "__matmul__": _product,
    "__rmatmul__": _reflected_product,
    "__neg__": ops.neg,
    "__pos__": lambda self: self,
    "__abs__": ops.abs,
    "__invert__": ops.bitwise_not,
    "__and__": _operator(ops.bitwise_and),
    "__rand__": _reflected(ops.bitwise_and),
    "__iand__": _in["bitwise_and_"],
    "__or__": _operator(ops.bitwise_or),
    "__ror__": _reflected(ops.bitwise_or),
    "__ior__": _in["bitwise_or_"],
    "__xor__": _operator(ops.bitwise_xor),
    "__rxor__": _reflected(ops.bitwise_xor),
    "__ixor__": _in["bitwise_xor_"],
    "__lshift__": _operator(ops.bitwise_left_shift),
    "__rlshift__": _reflected(ops.bitwise_left_shift),
    "__ilshift__": _in["bitwise_left_shift_"],
    "__rshift__": _operator(ops.bitwise_right_shift),
    "__rrshift__": _reflected(ops.bitwise_right_shift),
    "__irshift__": _in["bitwise_right_shift_"],
    "__eq__": _compare(ops.eq, False),
    "__ne__": _compare(ops.ne, True),
    "__lt__": _operator(ops.lt),
    "__le__": _operator(ops.le),
    "__gt__": _operator(ops.gt),
    "__ge__": _operator(ops.ge),
    "__getitem__": ops.getitem,
    "__setitem__": inplace.setitem,
    "__delitem__": _refuse_deletion,
    "__iter__": _iterate,
    "__reversed__": _reversed,
    "__repr__": _repr,
    "__str__": _repr,
    "__array_ufunc__": ufuncs.array_ufunc,
    "__array_wrap__": ufuncs.wrap_array,
}

METHODS: dict[str, Any] = {
    # arithmetic and comparison
    "add": factors.addition,
    "sub": factors.subtraction,
    "subtract": factors.subtraction,
    "div": ops.divide,
    "divide": ops.divide,
    "negative": ops.neg,
    "pow": ops.power,
    "absolute": ops.abs,
    "fix": ops.trunc,
    "arccos": ops.acos,
    "arccosh": ops.acosh,
    "arcsin": ops.asin,
    "arcsinh": ops.asinh,
    "arctan": ops.atan,
    "arctan2": ops.atan2,
    "arctanh": ops.atanh,
    # shape
    "adjoint": transposition.adjoint,
    "as_strided": strides.as_strided,
    "split": _split,
    "split_with_sizes": _split_with_sizes,
    "storage_offset": strides.place,
    "sum_to_size": transposition.sum_to_size,
    "where": _where,
    "unfold": shape.unfold,
    # copies and dtypes
    "float": conversion.to_float,
    "double": conversion.to_double,
    "half": conversion.to_half,
    "long": conversion.to_long,
    "int": conversion.to_int,
    "short": conversion.to_short,
    "bool": conversion.to_bool,
    "byte": conversion.to_byte,
    "char": conversion.to_char,
    "cpu": conversion.cpu,
    "cuda": questions.cuda,
    "type": conversion.type_of,
    "type_as": conversion.type_as,
    "detach_": conversion.detach_,
    "new": of_a_kind.new,
    "new_tensor": of_a_kind.new_tensor,
    "new_zeros": of_a_kind.new_zeros,
    "new_ones": of_a_kind.new_ones,
    "new_empty": of_a_kind.new_empty,
    "new_full": of_a_kind.new_full,
    # what kind of tensor it is
    "get_device": questions.get_device,
    "is_complex": questions.is_complex,
    "is_nonzero": questions.is_nonzero,
    "is_pinned": questions.is_pinned,
    "is_same_size": questions.is_same_size,
    "is_signed": questions.is_signed,
    "ndimension": Tensor.dim,
    # the tape
    "backward": _backward,
    "register_hook": hooks.register_hook,
    "register_post_accumulate_grad_hook": hooks.register_post_accumulate_grad_hook,
    "retain_grad": differentiate.retain_grad,
}

# Functions that are methods under the same name, the tensor being their first argument.
SAME_NAME = [
    "abs", "acos", "acosh", "addcdiv", "addcmul", "addmm", "addmv", "addr", "all", "allclose",
    "amax", "amin", "aminmax", "any", "argmax", "argmin", "argsort", "argwhere", "asin", "asinh",
    "atan", "atan2", "atanh", "baddbmm", "bernoulli", "bincount", "bitwise_and",
    "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "bmm",
    "broadcast_to", "ceil", "chunk", "clamp", "clamp_max", "clamp_min", "clip", "clone",
    "contiguous", "cos", "cosh", "count_nonzero", "cross", "cummax", "cummin", "cumprod", "cumsum",
    "detach", "diag", "diag_embed", "diagflat", "diagonal", "diff", "dist", "dot", "eq", "equal",
    "erf", "erfc", "erfinv", "exp", "exp2", "expand", "expand_as", "expm1", "flatten", "flip",
    "fliplr", "flipud", "float_power", "floor", "floor_divide", "fmax", "fmin", "fmod", "frac",
    "gather", "ge", "ger", "greater", "greater_equal", "gt", "hardshrink", "heaviside", "hypot",
    "index_add", "index_copy", "index_fill", "index_put", "index_select", "inner", "isclose",
    "isfinite", "isinf", "isnan", "isneginf", "isposinf", "kron", "kthvalue", "le", "lerp", "less",
    "less_equal", "log", "log10", "log1p", "log2", "log_softmax", "logaddexp", "logaddexp2",
    "logical_and", "logical_not", "logical_or", "logical_xor", "logit", "logsumexp", "lt",
    "masked_fill", "masked_scatter", "masked_select", "matmul", "max", "maximum", "mean", "median",
    "min", "minimum", "mm", "moveaxis", "movedim", "msort", "mul", "multinomial", "multiply", "mv",
    "nan_to_num", "nanmean", "nansum", "narrow", "ne", "neg", "nonzero", "norm", "not_equal",
    "outer", "permute", "positive", "prod", "quantile", "ravel", "reciprocal", "relu", "remainder",
    "repeat", "repeat_interleave", "reshape", "reshape_as", "roll", "rot90", "round", "rsqrt",
    "scatter", "scatter_add", "select", "sigmoid", "sign", "signbit", "sin", "sinh", "softmax",
    "sort", "sqrt", "square", "squeeze", "std", "sum", "swapaxes", "swapdims", "t", "take",
    "take_along_dim", "tan", "tanh", "tensor_split", "tile", "to", "topk", "trace", "transpose",
    "tril", "triu", "true_divide", "trunc", "unbind", "unflatten", "unique", "unsqueeze", "var",
    "view", "view_as", "xlogy",
]  # fmt: skip

PROPERTIES: dict[str, Any] = {
    "T": _reversed_dims,
    "H": transposition.hermitian_matrix,
    "mH": transposition.hermitian,
    "mT": transposition.matrix_transpose,
    "is_cpu": questions.is_cpu,
    "is_meta": questions.is_elsewhere,
    "is_mps": questions.is_elsewhere,
    "is_quantized": questions.is_elsewhere,
    "is_sparse": questions.is_elsewhere,
    "is_xla": questions.is_elsewhere,
    "grad_fn": conversion.grad_fn,
    "retains_grad": differentiate.retains_grad,
}


def table() -> dict[str, Any]:
    """Return the functions of all tables under the names they have on `Tensor`."""
    same = {name: getattr(ops, name) for name in SAME_NAME}
    methods = same | METHODS
    return methods | numpy_names.named(methods) | inplace_table.METHODS | OPERATORS


def bind() -> None:
    """Give `Tensor` every operator, method and property of the tables."""
    for name, function in table().items():
        setattr(Tensor, name, function)
    for name, getter in PROPERTIES.items():
        setattr(Tensor, name, property(getter, doc=getter.__doc__))

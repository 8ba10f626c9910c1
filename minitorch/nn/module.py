"""The base class of all layers and models.

A module is a callable with parameters, buffers and other modules as attributes. Each of its trades
has a room: attributes (`_children`), walking the tree (`_tree`), saving and loading (`_state`),
hooks (`_hooks`), and what is here: calling, converting and printing.

Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Self

from minitorch import dtypes
from minitorch.autograd import no_grad
from minitorch.devices import require_cpu
from minitorch.nn._children import REGISTRIES, Children
from minitorch.nn._hooks import Hooks
from minitorch.nn._registry import Registry
from minitorch.nn._state import State
from minitorch.nn._tree import Tree
from minitorch.tensor import Tensor

_HOOK_DICTS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_state_dict_hooks",
    "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)


class Module(Children, Tree, State, Hooks):
    """A layer or a model: a function with state.

    A subclass calls ``super().__init__()``, assigns its parameters, buffers and submodules to
    attributes, and defines `forward`.

    Attributes:
        training: whether layers such as `Dropout` behave as in training; see `train` and `eval`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> class Scale(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.factor = nn.Parameter(minitorch.tensor(2.0))
        ...
        ...     def forward(self, x):
        ...         return self.factor * x
        >>> Scale()(minitorch.ones(2))
        tensor([2., 2.], grad_fn=<MulBackward0>)
    """

    training: bool

    def __init__(self) -> None:
        fields = self.__dict__
        fields["training"] = True
        for name in REGISTRIES:
            fields[name] = Registry(self)
        fields["_non_persistent_buffers_set"] = set()
        for name in _HOOK_DICTS:
            fields[name] = OrderedDict()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass that is called defines this."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call `forward`, and the hooks if there are any."""
        if self._hooked:
            return self._call_with_hooks(args, kwargs)
        return self.forward(*args, **kwargs)

    # ------------------------------------------------------------------ the whole tree at once

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call `fn` on every submodule and then on this module; return this module.

        Example:
            >>> from minitorch import nn
            >>> def zero_biases(module):
            ...     if isinstance(module, nn.Linear):
            ...         nn.init.zeros_(module.bias)
            >>> nn.Sequential(nn.Linear(2, 2)).apply(zero_biases)[0].bias.tolist()
            [0.0, 0.0]
        """
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Convert every parameter, its gradient, and every buffer with `fn`."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for parameter in self._parameters.values():
                if parameter is not None:
                    parameter.data = fn(parameter)
                    if parameter.grad is not None:
                        parameter.grad.data = fn(parameter.grad)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Convert floating-point parameters and buffers to a dtype, in place; return the module.

        Args:
            args: a dtype, the device ``"cpu"``, both (device first), or a tensor to be like.
            kwargs: ``dtype``, ``device``, ``non_blocking`` (which has no effect on a CPU).

        Raises:
            TypeError: if the dtype is not floating point.
            NotImplementedError: for another device or a memory format.

        Example:
            >>> import minitorch
            >>> minitorch.nn.Linear(2, 2).to(minitorch.float64).weight.dtype
            minitorch.float64
        """
        dtype = _parse_to(*args, **kwargs)
        if dtype is None:
            return self
        if not dtype.is_floating_point:
            raise TypeError(
                "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                f"dtype={dtype}"
            )
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() else t)

    def float(self) -> Self:
        """Convert floating-point parameters and buffers to float32."""
        return self.to(dtypes.float32)

    def double(self) -> Self:
        """Convert floating-point parameters and buffers to float64."""
        return self.to(dtypes.float64)

    def half(self) -> Self:
        """Convert floating-point parameters and buffers to float16."""
        return self.to(dtypes.float16)

    def type(self, dst_type: Any) -> Self:
        """Convert all parameters and buffers, integer ones too, to `dst_type`."""
        return self._apply(lambda t: t.type(dst_type))

    def cpu(self) -> Self:
        """Return the module: this is where it is."""
        return self

    def cuda(self, device: Any = None) -> Self:
        """Raise NotImplementedError: there is no GPU here."""
        raise NotImplementedError(f"Module.cuda: device={device!r} is not supported, only 'cpu' is")

    def train(self, mode: bool = True) -> Self:
        """Put the module and all below it in training mode, or with False in evaluation mode."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Put the module and all below it in evaluation mode."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set whether gradients are computed for the parameters; False freezes them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or with `set_to_none=False` fill them with 0."""
        for parameter in self.parameters():
            if parameter.grad is None or set_to_none:
                parameter.grad = None
            else:
                parameter.grad = parameter.grad.detach()
                parameter.grad.zero_()

    # ------------------------------------------------------------------ printing

    def extra_repr(self) -> str:
        """Return what `repr` shows between the brackets: the arguments of a layer."""
        return ""

    def _get_name(self) -> str:
        return self.__class__.__name__

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        for name, module in self._modules.items():
            lines.append(f"({name}): " + indent(repr(module)))
        if not lines or (len(lines) == 1 and extra):
            return f"{self._get_name()}({extra})"
        return "\n  ".join([f"{self._get_name()}(", *lines]) + "\n)"


def indent(text: str) -> str:
    """Shift every line but the first by two spaces."""
    first, *rest = text.split("\n")
    return "\n".join([first, *("  " + line if line.strip() else "" for line in rest)])


def _parse_to(
    *args: Any,
    device: Any = None,
    dtype: Any = None,
    non_blocking: bool = False,  # noqa: ARG001 - about copies between devices: there are none
    memory_format: Any = None,
) -> dtypes.dtype | None:
    """Return the dtype among the arguments of `Module.to`, whose device can only be the CPU."""
    for value in args:
        if isinstance(value, (dtypes.dtype, type)):
            dtype = value
        elif isinstance(value, Tensor):
            dtype = value.dtype
        elif not isinstance(value, bool):
            device = value
    require_cpu(device, "Module.to")
    if memory_format is not None:
        raise NotImplementedError(f"Module.to: memory_format={memory_format!r} is not supported")
    return None if dtype is None else dtypes.from_numpy_dtype(dtypes.numpy_dtype(dtype))

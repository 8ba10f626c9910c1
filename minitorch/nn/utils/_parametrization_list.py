"""The parametrizations of one tensor, and the originals that it is computed from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitorch.autograd import no_grad
from minitorch.nn.container import ModuleList
from minitorch.nn.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor


def put(module: Module, name: str, value: Any) -> None:
    """Register `value` as a parameter if it is one, otherwise as a buffer."""
    if isinstance(value, Parameter):
        module.register_parameter(name, value)
    else:
        module.register_buffer(name, value)


def check_alike(after: Any, before: Tensor, ours: str, theirs: str, flag: str) -> None:
    """Raise ValueError unless `after` is a tensor of the dtype and the shape of `before`."""
    if not isinstance(after, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(after).__name__}.")
    for kind in ("dtype", "shape"):
        found, wanted = getattr(after, kind), getattr(before, kind)
        if found != wanted:
            named = (f"{theirs}.{kind}", f"{ours}.{kind}")
            if not ours:
                named = (f"unparametrized {kind}", f"parametrized {kind}")
            raise ValueError(
                f"Registering a parametrization may not change the {kind} of the tensor, unless "
                f"{flag} flag is enabled.\n{named[0]}: {wanted}\n{named[1]}: {found}"
            )


class ParametrizationList(ModuleList):
    """The parametrizations of a tensor, in the order in which they apply.

    Made by `register_parametrization`. Calling it computes the tensor.

    Args:
        modules: the parametrizations.
        original: the parameter or buffer before.
        unsafe: whether the dtype and the shape may change.

    Attributes:
        original: what is learned, if the first ``right_inverse`` returns one tensor; otherwise
            there are ``original0``, ``original1``, and so on.
        is_tensor: whether there is only one.
        ntensors: how many there are.
    """

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        new: Any = original
        before = original.detach()
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    try:
                        new = module.right_inverse(new)
                    except NotImplementedError:
                        continue
        if not isinstance(new, (Tensor, Sequence)):
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                f"Got {type(new).__name__}"
            )
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if isinstance(new, Tensor) else len(new)
        self._register(new, original)
        if not unsafe:
            check_alike(self(), before, "", "", "`unsafe`")

    def _register(self, new: Any, original: Tensor) -> None:
        """Register what `right_inverse` returned: one tensor goes into `original` itself."""
        if isinstance(new, Tensor):
            if original.dtype != new.dtype:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it may not change the dtype.\n"
                    f"original.dtype: {original.dtype}\n"
                    f"right_inverse(original).dtype: {new.dtype}"
                )
            with no_grad():
                original.data = new  # an optimizer that has the parameter keeps it
            put(self, "original", original)
            return
        for place, value in enumerate(new):
            if not isinstance(value, Tensor):
                raise ValueError(
                    "'right_inverse' must return a Tensor or a Sequence of tensors (list, "
                    f"tuple...). Got element {place} of the sequence with type "
                    f"{type(value).__name__}."
                )
            if isinstance(original, Parameter):
                value = Parameter(value.detach(), original.requires_grad)
            value.requires_grad_(original.requires_grad)
            put(self, f"original{place}", value)

    def right_inverse(self, value: Any) -> None:
        """Set the originals so that the tensor becomes `value`, as far as that can be."""
        with no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(module).__name__} does not implement right_inverse."
                    )
                value = module.right_inverse(value)
            if self.is_tensor:
                if not isinstance(value, Tensor):
                    raise ValueError(
                        f"`right_inverse` should return a tensor. Got {type(value).__name__}"
                    )
                self._replace("original", value, "The tensor")
                return
            if not isinstance(value, Sequence):
                raise ValueError(
                    "'right_inverse' must return a sequence of tensors. "
                    f"Got {type(value).__name__}."
                )
            if len(value) != self.ntensors:
                raise ValueError(
                    f"'right_inverse' must return a sequence of tensors of length {self.ntensors}. "
                    f"Got a sequence of length {len(value)}."
                )
            for place, one in enumerate(value):
                if not isinstance(one, Tensor):
                    raise ValueError(
                        "'right_inverse' must return a sequence of tensors. Got element "
                        f"{place} of type {type(one).__name__}."
                    )
                self._replace(f"original{place}", one, f"Tensor {place}")

    def _replace(self, name: str, value: Tensor, subject: str) -> None:
        """Let the original `name` hold the elements of `value`."""
        original = getattr(self, name)
        if value.dtype != original.dtype:
            raise ValueError(
                f"{subject} returned by `right_inverse` has dtype {value.dtype} while `{name}` has "
                f"dtype {original.dtype}"
            )
        original.data = value.detach()

    def forward(self) -> Any:
        """Compute the tensor from the originals."""
        first, *others = self
        if self.is_tensor:
            x = first(self.original)
        else:
            x = first(*(getattr(self, f"original{place}") for place in range(self.ntensors)))
        for module in others:
            x = module(x)
        return x

"""Parameters, buffers and modules as the attributes of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minitorch.nn._registry import Registry, typename
from minitorch.nn.parameter import Buffer, Parameter
from minitorch.tensor import Tensor

if TYPE_CHECKING:
    from minitorch.nn.module import Module

REGISTRIES = ("_parameters", "_buffers", "_modules")


class Children:
    """The part of `Module` that takes in its children, and lets them go."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Any]
    _non_persistent_buffers_set: set[str]

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, which becomes the attribute `name`.

        Args:
            name: without dots.
            param: None reserves the name: it is no parameter and not in the `state_dict`.

        Raises:
            KeyError: if the name is empty, has a dot, or is taken.
            TypeError: if `param` is not a `Parameter`.
            ValueError: if `param` was computed from other tensors.
        """
        self._check_name("parameter", name, self.__dict__.get("_parameters"))
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' "
                "(minitorch.nn.Parameter or None required)"
            )
        if param is not None and param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be "
                f"created explicitly. To express '{name}' as a function of another Tensor, compute "
                "the value in the forward() method."
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a buffer, a tensor that is not learned, which becomes the attribute `name`.

        Args:
            name: without dots.
            tensor: None reserves the name.
            persistent: whether it is part of the `state_dict`.

        Raises:
            KeyError: if the name is empty, has a dot, or is taken.
            TypeError: if `tensor` is not a tensor.
        """
        self._check_name("buffer", name, self.__dict__.get("_buffers"))
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' "
                "(minitorch Tensor or None required)"
            )
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a submodule, which becomes the attribute `name`.

        Raises:
            KeyError: if the name is empty, has a dot, or is taken.
            TypeError: if `module` is not a `Module`.
        """
        if not isinstance(module, Children) and module is not None:
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._check_name("module", name, self.__dict__.get("_modules"))
        self._modules[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a submodule; another name for `add_module`."""
        self.add_module(name, module)

    def _check_name(self, kind: str, name: str, registry: dict[str, Any] | None) -> None:
        if registry is None:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
        if name not in registry and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        if "." in name:
            given = f", got: {name}" if kind == "module" else ""
            raise KeyError(f'{kind} name can\'t contain "."{given}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')

    def __getattr__(self, name: str) -> Any:
        # Reached only for what the registries' mirror in __dict__ lacks.
        for registry in REGISTRIES:
            entries = self.__dict__.get(registry, {})
            if name in entries:
                return entries[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        fields = self.__dict__
        if isinstance(value, Parameter):
            self._make_room(name, "_parameters")
            self.register_parameter(name, value)
        elif name in fields.get("_parameters", ()):
            if value is not None:
                raise _cannot_assign(value, f"as parameter '{name}'", "nn.Parameter or None")
            self._parameters[name] = None
        elif isinstance(value, Children):
            self._make_room(name, "_modules")
            self._modules[name] = value
        elif name in fields.get("_modules", ()):
            if value is not None:
                raise _cannot_assign(value, f"as child module '{name}'", "nn.Module or None")
            self._modules[name] = None
        elif isinstance(value, Buffer) or name in fields.get("_buffers", ()):
            self._set_buffer(name, value)
        elif name in REGISTRIES:
            self._replace_registry(name, value)
        else:
            object.__setattr__(self, name, value)

    def _replace_registry(self, name: str, entries: dict[str, Any]) -> None:
        """Take other children in the place of all parameters, buffers or modules."""
        kept = dict(entries)
        self.__dict__[name].clear()
        self.__dict__[name].update(kept)

    def _set_buffer(self, name: str, value: Any) -> None:
        if value is not None and not isinstance(value, Tensor):
            wanted = "nn.Buffer, minitorch.Tensor or None"
            raise _cannot_assign(value, f"as buffer '{name}'", wanted)
        if isinstance(value, Buffer):
            self.register_buffer(name, value, value.persistent)
        else:
            self._buffers[name] = value

    def _make_room(self, name: str, registry: str) -> None:
        """Forget a plain attribute or another kind of child that has the name."""
        fields = self.__dict__
        if registry not in fields:
            kind = "parameters" if registry == "_parameters" else "module"
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        for other in REGISTRIES:
            if other != registry:
                fields[other].pop(name, None)
        if name not in fields[registry]:
            fields.pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def __delattr__(self, name: str) -> None:
        for registry in REGISTRIES:
            if name in self.__dict__[registry]:
                del self.__dict__[registry][name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = {*dir(type(self)), *self.__dict__, *self._parameters, *self._buffers}
        return sorted(name for name in names | {*self._modules} if not name[0].isdigit())

    def __getstate__(self) -> dict[str, Any]:
        state = {name: dict(self.__dict__[name]) for name in REGISTRIES}
        mirrored = set().union(*state.values())
        return {k: v for k, v in self.__dict__.items() if k not in mirrored} | state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for name in REGISTRIES:
            self.__dict__[name] = Registry(self, state[name])


def _cannot_assign(value: Any, role: str, expected: str) -> TypeError:
    return TypeError(f"cannot assign '{typename(value)}' {role} (minitorch.{expected} expected)")

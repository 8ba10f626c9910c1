"""Dictionaries of a module's children that show each child as an attribute too."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from minitorch.dtypes import dtype_name
from minitorch.tensor import Tensor

T = TypeVar("T")


def typename(value: Any) -> str:
    """Return the name of a value's type as `torch.typename` spells it, for error messages."""
    if isinstance(value, Tensor):
        return f"minitorch.{dtype_name(value.dtype)}Tensor"
    module = getattr(value, "__module__", None)
    prefix = "" if module in (None, "builtins") else f"{module}."
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    return prefix + (name or type(value).__name__)


class Registry(dict[str, T]):
    """A dict of parameters, buffers or modules, mirrored in the `__dict__` of its module.

    Python finds an attribute in the `__dict__` in some 20 ns, and needs 500 to fail there and call
    `__getattr__`. A forward pass reads a dozen of them, so the registries copy every entry there.

    Args:
        module: the owner, held weakly so that a model is freed as soon as it is forgotten.
    """

    __slots__ = ("_owner",)

    def __init__(self, module: Any, entries: Mapping[str, T] | None = None) -> None:
        super().__init__()
        self._owner = weakref.ref(module)
        self.update(entries or {})

    def _attributes(self) -> dict[str, Any]:
        owner = self._owner()
        return {} if owner is None else owner.__dict__

    def __setitem__(self, name: str, value: T) -> None:
        super().__setitem__(name, value)
        self._attributes()[name] = value

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self._attributes().pop(name, None)

    def clear(self) -> None:
        """Remove every entry."""
        for name in list(self):
            del self[name]

    def pop(self, name: str, *default: Any) -> Any:
        """Remove an entry and return it, or return the default."""
        if name not in self:
            return super().pop(name, *default)
        value = self[name]
        del self[name]
        return value

    def popitem(self) -> tuple[str, T]:
        """Remove and return the last entry."""
        if not self:
            raise KeyError("popitem(): dictionary is empty")
        name = next(reversed(self))
        return name, self.pop(name)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return an entry, which is set to the default first if it is missing."""
        if name not in self:
            self[name] = default
        return self[name]

    def update(self, *others: Any, **entries: T) -> None:
        """Set entries from a mapping, from pairs, or from keywords."""
        for name, value in dict(*others, **entries).items():
            self[name] = value

    def __ior__(self, other: Mapping[str, T] | Iterable[tuple[str, T]]) -> Registry[T]:  # type: ignore[override,misc]
        self.update(other)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


def pairs(entries: Any, name: str) -> Iterable[tuple[str, Any]]:
    """Return the (key, value) pairs of a mapping or of an iterable of pairs.

    Raises:
        TypeError: naming the container `name`, if `entries` or one of them is not iterable.
        ValueError: if one of them is not a pair.
    """
    if not isinstance(entries, Iterable):
        raise TypeError(
            f"{name}.update should be called with an iterable of key/value pairs, but got "
            + type(entries).__name__
        )
    if hasattr(entries, "items"):
        return list(entries.items())
    result = []
    for j, entry in enumerate(entries):
        place = f"{name} update sequence element #{j}"
        if not isinstance(entry, Iterable):
            raise TypeError(f"{place} should be Iterable; is {type(entry).__name__}")
        items = tuple(entry)
        if len(items) != 2:
            raise ValueError(f"{place} has length {len(items)}; 2 is required")
        result.append(items)
    return result

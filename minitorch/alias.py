"""Programs that were written for torch, run unchanged: ``import torch`` finds minitorch."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["as_torch"]


def as_torch() -> None:
    """Let ``import torch``, ``from torch.nn import functional`` and so on find minitorch.

    For the rest of the process; modules of torch that are not here are not found.
    ``python -m minitorch FILE`` runs a program that way.

    Raises:
        RuntimeError: if torch itself has been imported.
    """
    torch = sys.modules.get("torch")
    if torch is not None and torch is not sys.modules["minitorch"]:
        raise RuntimeError("as_torch: torch itself has been imported already")
    if not any(isinstance(finder, _Alias) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Alias())


class _Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds ``torch.nn`` where ``minitorch.nn`` is."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return where a module of torch is, None for modules of others or that are not here."""
        first, _, rest = fullname.partition(".")
        if first != "torch":
            return None
        if rest and importlib.util.find_spec(f"minitorch.{rest}") is None:
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: minitorch has none of that name", name=fullname
            )
        return importlib.util.spec_from_loader(fullname, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module of minitorch."""
        module = importlib.import_module("minitorch" + spec.name.removeprefix("torch"))
        self._own = module.__spec__, module.__loader__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module, which has been executed, as it was."""
        module.__spec__, module.__loader__ = self._own

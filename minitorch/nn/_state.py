"""Saving and loading the state of a module: `state_dict`, `load_state_dict` and their hooks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from minitorch.autograd import no_grad
from minitorch.autograd.hooks import RemovableHandle, add_hook
from minitorch.nn.parameter import Parameter
from minitorch.tensor import Tensor

if TYPE_CHECKING:
    from minitorch.nn.module import Module

EXTRA_STATE = "_extra_state"


class StateDict(OrderedDict[str, Any]):
    """What `state_dict` returns: a dict in order, and the versions of the modules it came from."""

    _metadata: dict[str, dict[str, Any]]


class IncompatibleKeys(
    NamedTuple("IncompatibleKeys", [("missing_keys", list[str]), ("unexpected_keys", list[str])])
):
    """What `load_state_dict` returns: the keys that one side had and the other had not."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_{super().__repr__()}"

    __str__ = __repr__


class State:
    """The part of `Module` that saves and loads parameters and buffers."""

    _version: int = 1
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _non_persistent_buffers_set: set[str]
    _state_dict_hooks: OrderedDict[int, Callable[..., Any]]
    _state_dict_pre_hooks: OrderedDict[int, Callable[..., Any]]
    _load_state_dict_pre_hooks: OrderedDict[int, Callable[..., Any]]
    _load_state_dict_post_hooks: OrderedDict[int, Callable[..., Any]]

    # ------------------------------------------------------------------ saving

    def state_dict(
        self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> Any:
        """Return the parameters and persistent buffers of the whole tree, by dotted name.

        The tensors share memory with the module: clone them to keep a snapshot.

        Args:
            destination: a dict to fill and return; a new one by default.
            prefix: put before every key.
            keep_vars: whether the tensors stay attached to autograd.

        Example:
            >>> from minitorch import nn
            >>> list(nn.Sequential(nn.Linear(3, 2), nn.ReLU()).state_dict())
            ['0.weight', '0.bias']
        """
        if destination is None:
            destination = StateDict()
            destination._metadata = OrderedDict()
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(
                    destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars
                )
        for hook in self._state_dict_hooks.values():
            if hook(self, destination, prefix, metadata) is not None:
                raise RuntimeError("state_dict post-hook must return None")
        return destination

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """Write the state of this module, not of those below it, into `destination`."""
        for name, tensor in self._own_state().items():
            destination[prefix + name] = tensor if keep_vars else tensor.detach()
        if type(self).get_extra_state is not State.get_extra_state:
            destination[prefix + EXTRA_STATE] = self.get_extra_state()

    def _own_state(self) -> dict[str, Tensor]:
        """Return the parameters and persistent buffers of this module alone."""
        hidden = self._non_persistent_buffers_set
        buffers = ((name, buffer) for name, buffer in self._buffers.items() if name not in hidden)
        members = chain(self._parameters.items(), buffers)
        return {name: tensor for name, tensor in members if tensor is not None}

    def get_extra_state(self) -> Any:
        """Return state to be saved besides tensors; a module that has some overrides this."""
        raise RuntimeError(f"{type(self).__name__} has no extra state: define get_extra_state()")

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` returned; a module that has some overrides this."""
        raise RuntimeError(f"{type(self).__name__} has no extra state: define set_extra_state()")

    # ------------------------------------------------------------------ loading

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy parameters and buffers from `state_dict` into the whole tree.

        Args:
            state_dict: tensors by dotted name, as `state_dict` returns them.
            strict: whether missing and unexpected keys are an error.
            assign: whether the tensors themselves are put in place of the module's, with their
                dtype, instead of being copied into them.

        Returns:
            the missing and the unexpected keys.

        Raises:
            RuntimeError: naming every key that is missing, unexpected or of another shape.

        Example:
            >>> from minitorch import nn
            >>> a, b = nn.Linear(3, 2), nn.Linear(3, 2)
            >>> a.load_state_dict(b.state_dict())
            <All keys matched successfully>
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        metadata = getattr(state_dict, "_metadata", {})
        keys = IncompatibleKeys([], [])
        errors: list[str] = []
        _load_tree(self, StateDict(state_dict), "", metadata, assign, keys, errors)
        if strict:
            errors = _key_errors(keys) + errors
        if errors:
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\t"
                + "\n\t".join(errors)
            )
        return keys

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load this module, not those below it, and add what went wrong to the three lists.

        Args:
            state_dict: the entries below `prefix`; may be changed.
            prefix: the name of this module and a dot, or nothing.
            local_metadata: ``version`` when it was saved, and ``assign_to_params_buffers``.
            strict: whether missing and unexpected keys are collected.
            missing_keys: takes the names that `state_dict` lacks.
            unexpected_keys: takes the names that this module lacks.
            error_msgs: takes sentences about entries that do not fit.
        """
        for hook in self._load_state_dict_pre_hooks.values():
            hook(
                self, state_dict, prefix, local_metadata, strict,
                missing_keys, unexpected_keys, error_msgs,
            )  # fmt: skip
        assign = local_metadata.get("assign_to_params_buffers", False)
        own = self._own_state()
        for name, target in own.items():
            if prefix + name in state_dict:
                error = self._load_tensor(name, target, state_dict[prefix + name], prefix, assign)
                error_msgs.extend([error] if error else [])
            elif strict:
                missing_keys.append(prefix + name)
        self._load_extra_state(state_dict, prefix, strict, missing_keys, unexpected_keys)
        if not strict:
            return
        for key in state_dict:
            head, *rest = key.removeprefix(prefix).split(".", 1)
            known = head in self._modules if rest else head in own or head == EXTRA_STATE
            if key.startswith(prefix) and not known:
                unexpected_keys.append(key)

    def _load_tensor(
        self, name: str, target: Tensor, source: Any, prefix: str, assign: bool
    ) -> str | None:
        """Copy or assign one tensor; return a sentence if it does not fit."""
        key = prefix + name
        if not isinstance(source, Tensor):
            return (
                f'While copying the parameter named "{key}", expected minitorch.Tensor or '
                f"Tensor-like object from checkpoint but received {type(source)}"
            )
        if target.ndim == 0 and source.shape == (1,):
            source = source[0]
        if source.shape != target.shape:
            return (
                f"size mismatch for {key}: copying a param with shape {source.shape} from "
                f"checkpoint, the shape in current model is {target.shape}."
            )
        with no_grad():
            if not assign:
                target.copy_(source)
            elif not isinstance(target, Parameter):
                setattr(self, name, source)
            elif isinstance(source, Parameter):
                setattr(self, name, source.requires_grad_(target.requires_grad))
            else:
                setattr(self, name, Parameter(source, requires_grad=target.requires_grad))
        return None

    def _load_extra_state(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
    ) -> None:
        key = prefix + EXTRA_STATE
        if type(self).set_extra_state is not State.set_extra_state:
            if key in state_dict:
                self.set_extra_state(state_dict[key])
            elif strict:
                missing_keys.append(key)
        elif strict and key in state_dict:
            unexpected_keys.append(key)

    # ------------------------------------------------------------------ hooks

    def register_state_dict_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before the state of this module is saved."""
        return add_hook(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after this module is saved.

        The hook may change the dict in place and must return None.
        """
        return add_hook(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call a hook before this module is loaded, to rename or convert entries.

        Its arguments are ``(module, state_dict, prefix, local_metadata, strict, missing_keys,
        unexpected_keys, error_msgs)``, of which the dict and the lists may be changed.
        """
        return add_hook(self._load_state_dict_pre_hooks, hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after this module is loaded.

        The hook may change the lists of keys in place: what it clears is no error any more.
        """
        return add_hook(self._load_state_dict_post_hooks, hook)


def _load_tree(
    module: Any,
    state_dict: StateDict,
    prefix: str,
    metadata: Mapping[str, dict[str, Any]],
    assign: bool,
    keys: IncompatibleKeys,
    errors: list[str],
) -> None:
    local = dict(metadata.get(prefix[:-1], {}))
    if assign:
        local["assign_to_params_buffers"] = True
    module._load_from_state_dict(state_dict, prefix, local, True, *keys, errors)
    for name, child in module._modules.items():
        if child is not None:
            path = f"{prefix}{name}."
            below = StateDict((k, v) for k, v in state_dict.items() if k.startswith(path))
            _load_tree(child, below, path, metadata, assign, keys, errors)
    for hook in module._load_state_dict_post_hooks.values():
        if hook(module, keys) is not None:
            raise AssertionError(
                "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to "
                "return new values, if incompatible_keys need to be modified, it should be done "
                "inplace."
            )


def _key_errors(keys: IncompatibleKeys) -> list[str]:
    sentences = []
    for kind, names in (("Missing", keys.missing_keys), ("Unexpected", keys.unexpected_keys)):
        if names:
            quoted = ", ".join(f'"{name}"' for name in names)
            sentences.append(f"{kind} key(s) in state_dict: {quoted}. ")
    return sentences

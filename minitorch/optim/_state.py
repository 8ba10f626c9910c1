"""The state of an optimizer as a dict that can be saved, in torch's layout, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from minitorch.kernels import blocks
from minitorch.optim._groups import SWITCHES
from minitorch.tensor import Tensor, wrap

Groups = list[dict[str, Any]]
State = defaultdict[Any, dict[str, Any]]
Load = Callable[[dict[str, Any], Tensor], dict[str, Any]]


def pack(state: State, groups: Groups) -> dict[str, Any]:
    """Return the state with parameters replaced by numbers, counted through the groups."""
    numbers: dict[Tensor, int] = {}
    packed_groups = []
    start = 0
    for group in groups:
        for number, p in enumerate(group["params"], start):
            numbers.setdefault(p, number)
        start += len(group["params"])
        options = {name: value for name, value in group.items() if name != "params"}
        packed_groups.append({**options, "params": [numbers[p] for p in group["params"]]})
    packed = {numbers.get(key, key): value for key, value in state.items()}
    return {"state": packed, "param_groups": packed_groups}


def unpack(
    state_dict: dict[str, Any], groups: Groups, defaults: dict[str, Any], load: Load
) -> tuple[State, Groups]:
    """Return the state and the groups of `state_dict`, for the parameters of `groups`.

    Options of `defaults` that an older file lacks stay what they are in `groups`.

    Args:
        state_dict: what `pack` returned.
        groups: the parameter groups as they are.
        defaults: the options of every group.
        load: makes the state of a parameter of what was saved: `load_state` or `any_state`.
    """
    saved_groups = deepcopy(state_dict["param_groups"])
    if len(groups) != len(saved_groups):
        raise ValueError("loaded state dict has a different number of parameter groups")
    for group, saved in zip(groups, saved_groups, strict=True):
        if len(group["params"]) != len(saved["params"]):
            raise ValueError(
                "loaded state dict contains a parameter group "
                "that doesn't match the size of optimizer's group"
            )
    numbers = chain.from_iterable(saved["params"] for saved in saved_groups)
    params = chain.from_iterable(group["params"] for group in groups)
    owner = dict(zip(numbers, params, strict=True))
    state: State = defaultdict(dict)
    for number, values in state_dict["state"].items():
        if number not in owner:
            state[number] = values
            continue
        state[owner[number]] = load(values, owner[number])
    for group, saved in zip(groups, saved_groups, strict=True):
        saved |= {name: group[name] for name in ("params", *SWITCHES) if name in group}
        for name in ("param_names", *defaults):
            if name in group:
                saved.setdefault(name, group[name])
    return state, saved_groups


def load_state(
    values: dict[str, Any], p: Tensor, numbers: tuple[str, ...], shapes: dict[str, Any]
) -> dict[str, Any]:
    """Return the state that `Optimizer.step` hands to `update`; what is None is not there.

    Args:
        values: what was saved.
        p: the parameter.
        numbers: what of it is one number.
        shapes: those of the rest, if they are not that of the parameter.
    """
    return {
        name: _load_number(name, value, p)
        if name in numbers
        else _load_value(name, value, p, shapes.get(name, p._array.shape))
        for name, value in values.items()
        if value is not None
    }


def any_state(values: Any, p: Tensor, name: Any = None) -> Any:
    """Return the state of an optimizer with a `step` of its own, as torch would.

    Tensors, also in dicts and sequences, come in the floating type of the parameter, unless their
    name is ``"step"``; what is no tensor stays itself.
    """
    if isinstance(values, dict):
        return {key: any_state(value, p, key) for key, value in values.items()}
    if isinstance(values, (list, tuple)):
        return type(values)(any_state(value, p) for value in values)
    if isinstance(values, np.generic) or not hasattr(values, "__array__"):
        return values
    array = values._array if isinstance(values, Tensor) else np.asarray(values)
    floating = p._array.dtype.kind == "f" and name != "step"
    return wrap(np.array(array, p._array.dtype if floating else None))


def _load_number(name: str, value: Any, p: Tensor) -> Tensor:
    """Return a saved number as torch does: of the parameter's type, unless it counts steps."""
    array = value._array if isinstance(value, Tensor) else value
    return wrap(np.array(array, np.float32 if name == "step" else p._array.dtype))


def _load_value(name: str, value: Any, p: Tensor, shape: tuple[int, ...]) -> Any:
    """Return a saved value as a Tensor in the type and memory order of its parameter."""
    array = value._array if isinstance(value, Tensor) else value
    if not hasattr(array, "__array__"):
        return value
    array = np.asarray(array)
    if array.shape != shape:
        raise ValueError(
            f"loaded state dict contains {name} of shape {list(array.shape)} "
            f"for a parameter of shape {list(p._array.shape)}"
        )
    if shape != p._array.shape:
        return wrap(np.array(array, p._array.dtype))
    return wrap(blocks.copy_in_order(array, p._array))

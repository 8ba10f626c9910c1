"""Parameter groups: what a caller may hand in, and what is refused."""

from __future__ import annotations

from typing import Any

from minitorch.notices import warn
from minitorch.tensor import Tensor

# How torch computes, not what: they choose among its implementations, and here there is one.
SWITCHES = ("foreach", "fused", "capturable", "differentiable")


def complete_group(group: dict[str, Any], defaults: dict[str, Any], owner: str) -> None:
    """Bring `group` into its final form, in place: a list of Tensors, names, every option.

    Args:
        group: ``"params"`` and options.
        defaults: the options that are filled in.
        owner: the optimizer's name, for errors.

    Raises:
        TypeError: if the group is no dict, or holds something that is no Tensor, or no fixed order.
        ValueError: for a Tensor that is no leaf, or names for some parameters only.
        NotImplementedError: for an option that is not supported.
    """
    if not isinstance(group, dict):
        raise TypeError(f"param_group must be a dict, but got {type(group)}")
    params, names = _as_list(group["params"])
    group["params"] = params
    if names:
        group["param_names"] = names
    for param in params:
        if not isinstance(param, Tensor):
            raise TypeError(
                f"optimizer can only optimize Tensors, but one of the params is {typename(param)}"
            )
        if not param.is_leaf:
            raise ValueError("can't optimize a non-leaf Tensor")
    for name, default in defaults.items():
        group.setdefault(name, default)
    _refuse_unsupported(group, owner)


def _as_list(params: Any) -> tuple[list[Any], list[str]]:
    """Return the parameters of a group, and their names if they came as (name, parameter) pairs."""
    if isinstance(params, Tensor):
        return [params], []
    if isinstance(params, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but "
            "the ordering of tensors in sets will change between runs. Please use a list instead."
        )
    items = list(params)
    names = [item[0] for item in items if isinstance(item, tuple)]
    if names and len(names) != len(items):
        raise ValueError(
            "all optimizer params should be with/without names. Some param names are missing"
        )
    return [item[1] if isinstance(item, tuple) else item for item in items], names


def _refuse_unsupported(group: dict[str, Any], owner: str) -> None:
    for switch in SWITCHES:
        if group.get(switch):
            raise NotImplementedError(f"{owner}: {switch}={group[switch]} is not supported")
    for option, value in group.items():
        values = value if isinstance(value, tuple) else (value,)
        if option != "params" and any(isinstance(v, Tensor) for v in values):
            raise NotImplementedError(
                f"{owner}: {option} as a Tensor is not supported, use a float"
            )


def check_distinct(group: dict[str, Any], others: list[dict[str, Any]]) -> None:
    """Raise ValueError if groups share a parameter, or only one of them has names."""
    params = group["params"]
    if len(params) != len(set(params)):
        warn(
            "optimizer contains a parameter group with duplicate parameters; "
            "in future, this will cause an error",
        )
    for other in others:
        if ("param_names" in group) != ("param_names" in other):
            with_or_without = "with" if "param_names" in group else "without"
            raise ValueError(
                "all optimizer param groups should be with/without names. "
                f"cannot add param group {with_or_without} names to the optimizer"
            )
    taken = {p for other in others for p in other["params"]}
    if not taken.isdisjoint(params):
        raise ValueError("some parameters appear in more than one parameter group")


def typename(value: Any) -> str:
    """Return the name of the type of `value`, for an error."""
    return "minitorch.Tensor" if isinstance(value, Tensor) else type(value).__name__

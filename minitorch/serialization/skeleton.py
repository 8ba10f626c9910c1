"""The containers around tensors, as JSON in the metadata of a safetensors file.

In a skeleton None, bool, int, float and str stand for themselves; all else is a pair [tag,
content].
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.serialization.words import fits
from minitorch.tensor import Tensor


def is_flat(obj: Any) -> bool:
    """Return whether `obj` is a dict of tensors, which needs no skeleton."""
    return isinstance(obj, dict) and all(
        isinstance(key, str) and key != "__metadata__" and isinstance(value, Tensor)
        for key, value in obj.items()
    )


def as_array(value: Any) -> np.ndarray:
    """Return the array of a tensor, or an array itself."""
    array: np.ndarray = value._array if isinstance(value, Tensor) else value
    return array


def take_apart(value: Any, path: tuple[Any, ...], arrays: dict[str, np.ndarray]) -> Any:
    """Return the skeleton of `value`, and put its arrays into `arrays`."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (Tensor, np.ndarray)):
        name = _free_name(".".join(map(str, path)) or "tensor", arrays)
        arrays[name] = as_array(value)
        return ["tensor" if isinstance(value, Tensor) else "array", name]
    if isinstance(value, dict):
        pairs = []
        for key, item in value.items():
            check_key(key, path)
            pairs.append([key, take_apart(item, (*path, key), arrays)])
        return ["dict", pairs]
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        items = [take_apart(item, (*path, i), arrays) for i, item in enumerate(value)]
        return ["list" if isinstance(value, list) else "tuple", items]
    raise TypeError(
        f"save: {place(path)} is of type {type(value).__name__}; only Tensors, arrays, "
        "dicts, lists, tuples, numbers, strings and None can be saved"
    )


def put_together(skeleton: Any, tensors: dict[str, Tensor]) -> Any:
    """Undo `take_apart`."""
    if not isinstance(skeleton, list):
        return skeleton
    tag, content = skeleton
    if tag == "tensor":
        return tensors[content]
    if tag == "array":
        return tensors[content]._array
    if tag == "dict":
        return {_known(key): put_together(value, tensors) for key, value in content}
    items = [put_together(item, tensors) for item in content]
    return {"list": list, "tuple": tuple}[tag](items)


def _known(key: Any) -> Any:
    """Return a key that `take_apart` may have written: others could be made to collide."""
    if isinstance(key, int) and not fits(key):
        raise ValueError("a key of more than 64 bits")
    return key


def check_key(key: Any, path: tuple[Any, ...]) -> None:
    """Refuse a key of a dict that cannot be saved.

    Raises:
        TypeError: it names the place of the dict.
    """
    if not (key is None or isinstance(key, (bool, int, float, str))):
        raise TypeError(f"save: {place(path)} has a key of type {type(key).__name__}")
    if isinstance(key, int) and not fits(key):
        raise TypeError(f"save: {place(path)} has an integer of more than 64 bits as a key")


def place(path: tuple[Any, ...]) -> str:
    """Return how to reach a value of the object that is saved, for an error."""
    return "the object" + "".join(f"[{key!r}]" for key in path)


def _free_name(wanted: str, taken: dict[str, np.ndarray]) -> str:
    name, count = wanted, 1
    while name in taken or name == "__metadata__":
        count += 1
        name = f"{wanted}~{count}"
    return name

"""State dicts as others save them: wrapped in a checkpoint, and with the prefixes of wrappers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitorch import Tensor
from zoo.pretrained.errors import PretrainedError

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network")
PREFIXES = ("module.", "_orig_mod.")  # of nn.DataParallel, and of torch.compile


def unwrapped(content: Any) -> dict[str, Tensor]:
    """Return the weights in a checkpoint, by the names that the model itself gives them.

    A checkpoint is a dict that holds the state dict under ``state_dict``, ``model`` or the like,
    beside epochs, optimizers and figures; `torch.nn.DataParallel` puts ``module.`` before every
    name.

    Args:
        content: what `minitorch.load` returned.

    Raises:
        PretrainedError: if no state dict is in it.

    Example:
        >>> import minitorch
        >>> list(unwrapped({"epoch": 3, "state_dict": {"module.fc.weight": minitorch.ones(2)}}))
        ['fc.weight']
    """
    weights = _find(content)
    if weights is None:
        keys = ", ".join(map(str, content)) if isinstance(content, Mapping) else type(content)
        raise PretrainedError(f"no state dict is in the file, which holds {keys}")
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in weights):
            weights = {name.removeprefix(prefix): tensor for name, tensor in weights.items()}
    return weights


def _find(content: Any) -> dict[str, Tensor] | None:
    if not isinstance(content, Mapping) or not content:
        return None
    if all(isinstance(value, Tensor) for value in content.values()):
        return dict(content)
    found = [_find(content[key]) for key in WRAPPERS if key in content]
    return next((weights for weights in found if weights is not None), None)

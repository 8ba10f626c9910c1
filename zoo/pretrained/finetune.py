"""Weights of one model for another: what fits is taken, and what does not is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import minitorch
from minitorch import Tensor, nn
from zoo.pretrained.errors import PretrainedError


@dataclass(frozen=True)
class Transfer:
    """What became of the parameters and buffers of a model.

    Attributes:
        taken: names of those that came from the weights.
        new: names of those that keep their initial values, and why.
        unused: names in the weights that the model has no place for.
    """

    taken: tuple[str, ...]
    new: dict[str, str]
    unused: tuple[str, ...]

    def __str__(self) -> str:
        sentences = [f"{len(self.taken)} tensors taken"]
        sentences += [f"{name} starts anew: {why}" for name, why in self.new.items()]
        if self.unused:
            sentences.append(f"unused: {', '.join(self.unused)}")
        return "; ".join(sentences)


def transfer(model: nn.Module, weights: Mapping[str, Tensor]) -> Transfer:
    """Copy into a model the weights that fit it by name and shape.

    The weights of another number of classes, channels or inputs leave the first or the last layer
    as it was initialised; the bias of a layer whose weight does not fit is not taken either.

    Args:
        model: changed in place.
        weights: tensors by name, as a state dict.

    Raises:
        PretrainedError: if not half of the model's parameters fit, which is another network.

    Example:
        >>> from minitorch import nn
        >>> old = nn.Sequential(nn.Linear(4, 9), nn.Linear(9, 9), nn.Linear(9, 3))
        >>> new = nn.Sequential(nn.Linear(4, 9), nn.Linear(9, 9), nn.Linear(9, 2))
        >>> print(transfer(new, old.state_dict()))
        4 tensors taken; 2.weight starts anew: (2, 9) here, (3, 9) there;
        2.bias starts anew: (2,) here, (3,) there
    """
    state = model.state_dict()
    new = {name: _reason(tensor, weights.get(name)) for name, tensor in state.items()}
    new = {name: why for name, why in new.items() if why}
    for name in state:
        layer = name.rpartition(".")[0]
        if name not in new and name.endswith(".bias") and f"{layer}.weight" in new:
            new[name] = "with its weight"
    taken = tuple(name for name in state if name not in new)
    parameters = [name for name, _ in model.named_parameters()]
    fitting = [name for name in parameters if name in taken]
    if 2 * len(fitting) < len(parameters):
        first = next(f"{name}: {why}" for name, why in new.items())
        raise PretrainedError(
            f"the weights are of another network: {len(fitting)} of {len(parameters)} parameters "
            f"fit ({first})"
        )
    with minitorch.no_grad():
        for name in taken:
            state[name].copy_(weights[name])
    return Transfer(taken, new, tuple(name for name in weights if name not in state))


def _reason(here: Tensor, there: Tensor | None) -> str:
    """Why a tensor cannot be taken; nothing if it can."""
    if there is None:
        return "not among the weights"
    if here.shape != there.shape:
        return f"{tuple(here.shape)} here, {tuple(there.shape)} there"
    return ""

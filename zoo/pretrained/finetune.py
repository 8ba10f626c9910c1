"""Weights of one model for another: what fits is taken, and what does not is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import minitorch
from minitorch import Tensor, nn
from zoo.pretrained.errors import PretrainedError


@dataclass(frozen=True)
class Transfer:
    """What became of the parameters and buffers of a model.

    Attributes:
        taken: names of those that came from the weights.
        adapted: which of these were changed to fit, and how.
        new: names of those that keep their initial values, and why.
        unused: names in the weights that the model has no place for.
    """

    taken: tuple[str, ...]
    new: dict[str, str]
    unused: tuple[str, ...]
    adapted: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        sentences = [f"{len(self.taken)} tensors taken"]
        sentences += [f"{name} fitted: {how}" for name, how in self.adapted.items()]
        sentences += [f"{name} starts anew: {why}" for name, why in self.new.items()]
        if self.unused:
            sentences.append(f"unused: {', '.join(self.unused)}")
        return "; ".join(sentences)


def transfer(
    model: nn.Module, weights: Mapping[str, Tensor], anew: Mapping[str, str] | None = None
) -> Transfer:
    """Copy into a model the weights that fit it by name and shape.

    A convolution that saw colours sees grey by the sum of its weights over them, and one that saw
    grey sees each colour by its share: for a picture without colours both give what they gave.
    Any other difference, as in the number of classes, leaves a layer as it was initialised; the
    bias of a layer whose weight does not fit is not taken either.

    Args:
        model: changed in place.
        weights: tensors by name, as a state dict.
        anew: names of what is not to be taken, and why.

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
    weights, adapted = _between_colour_and_grey(model, weights)
    new = {name: _reason(tensor, weights.get(name)) for name, tensor in state.items()}
    new |= anew or {}
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
    unused = tuple(name for name in weights if name not in state)
    return Transfer(taken, new, unused, adapted)


def _between_colour_and_grey(
    model: nn.Module, weights: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The weights, those of convolutions of one channel instead of several fitted; and which."""
    fitted, how = dict(weights), {}
    for layer, module in model.named_modules():
        name = f"{layer}.weight" if layer else "weight"
        if not isinstance(module, nn.Conv2d) or module.groups != 1 or name not in weights:
            continue
        here, there = module.weight.shape, weights[name].shape  # (out, in, height, width)
        alike = (here[0], *here[2:]) == (there[0], *there[2:])
        if alike and here[1] != there[1] and 1 in (here[1], there[1]):
            grey = weights[name].sum(dim=1, keepdim=True) / here[1]
            fitted[name] = grey.expand(here)
            how[name] = f"from {there[1]} to {here[1]} channels"
    return fitted, how


def classifier_of(model: nn.Module) -> list[str]:
    """The names of the parameters of the last layer."""
    names = [name for name, _ in model.named_parameters()]
    layer = names[-1].rpartition(".")[0]
    return [name for name in names if name.rpartition(".")[0] == layer]


def _reason(here: Tensor, there: Tensor | None) -> str:
    """Why a tensor cannot be taken; nothing if it can."""
    if there is None:
        return "not among the weights"
    if here.shape != there.shape:
        return f"{tuple(here.shape)} here, {tuple(there.shape)} there"
    return ""

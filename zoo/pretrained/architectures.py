"""The architectures of the zoo: what the data say about a model, what it reads, what trains it.

They lie above this floor, so they are named, as a ``_target_`` in ``conf`` names them, and imported
only when a model of theirs is asked for.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Architecture:
    """What is known of the models of one primary file under ``conf``.

    Attributes:
        models: how the names of their constructors begin; the longest beginning counts.
        sizes: the function that says what follows from the data, ``num_classes`` say.
        reads: ``image``, ``text``, or ``language``, which goes on.
        program: what a person types to train one.
    """

    models: str
    sizes: str
    reads: str
    program: str


ARCHITECTURES = {
    "mlp": Architecture(
        models="zoo.mlp.",
        sizes="zoo.mlp.data.network_sizes",
        reads="image",
        program="python -m zoo.mlp.train",
    ),
    "resnet": Architecture(
        models="zoo.resnet.",
        sizes="zoo.resnet.data.network_sizes",
        reads="image",
        program="python -m zoo.resnet.train",
    ),
    "transformer": Architecture(
        models="zoo.transformer.",
        sizes="zoo.transformer.data.classifier_sizes",
        reads="text",
        program="python -m zoo.transformer.train",
    ),
    "gpt": Architecture(
        models="zoo.transformer.GPT",
        sizes="zoo.transformer.data.decoder_sizes",
        reads="language",
        program="python -m zoo.transformer.train_gpt",
    ),
}


def sizes_of(zoo: str, data: Any) -> dict[str, Any]:
    """Return what ``data`` say about a model, as arguments of its constructor.

    Args:
        zoo: one of `ARCHITECTURES`.
        data: a data pipeline of it, or what its function asks of one.

    Example:
        >>> from zoo.data import digits
        >>> sizes_of("mlp", digits())
        {'in_features': 64, 'out_features': 10}
    """
    module, _, function = ARCHITECTURES[zoo].sizes.rpartition(".")
    return dict(getattr(importlib.import_module(module), function)(data))


def home_of(constructor: str) -> Architecture | None:
    """Return the architecture that a constructor belongs to; None for one from elsewhere.

    Example:
        >>> home_of("zoo.transformer.GPT").program
        'python -m zoo.transformer.train_gpt'
    """
    homes = [each for each in ARCHITECTURES.values() if constructor.startswith(each.models)]
    return max(homes, key=lambda each: len(each.models), default=None)

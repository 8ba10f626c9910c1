"""The files of ``torch.nn.modules``, each made of the rooms here that hold its classes."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

ROOMS = {
    "activation": ("activation", "rectifier", "softmax", "attention"),
    "batchnorm": ("batchnorm",),
    "channelshuffle": ("pixelshuffle",),
    "container": ("container", "parameter_container"),
    "conv": ("conv", "conv3d", "conv_transpose"),
    "distance": ("distance",),
    "dropout": ("dropout",),
    "flatten": ("flatten",),
    "fold": ("fold",),
    "instancenorm": ("instancenorm",),
    "linear": ("linear", "attention"),
    "loss": ("loss", "class_loss", "distance_loss", "likelihood"),
    "module": ("module",),
    "normalization": ("normalization",),
    "padding": ("padding",),
    "pixelshuffle": ("pixelshuffle",),
    "pooling": ("pooling", "pooling3d", "adaptive_pooling", "power_pooling", "unpooling"),
    "rnn": ("recurrent", "recurrent_cells"),
    "sparse": ("embedding", "embedding_bag"),
    "transformer": ("transformer",),
    "upsampling": ("upsampling",),
}
"""Rooms of `minitorch.nn` by the name of torch's file."""


def make(package: str) -> dict[str, Any]:
    """Return what `package` hands on: its modules, which can be imported, and their layers."""
    handed: dict[str, Any] = {}
    for name, rooms in ROOMS.items():
        module = ModuleType(f"{package}.{name}", f"The classes of ``torch.nn.modules.{name}``.")
        module.__spec__ = ModuleSpec(module.__name__, None)
        for room in rooms:
            found = vars(import_module(f"minitorch.nn.{room}"))
            module.__dict__.update({k: v for k, v in found.items() if isinstance(v, type)})
        layers = {k: v for k, v in vars(module).items() if isinstance(v, type) and k[0] != "_"}
        handed |= {name: module, **layers}
        sys.modules[module.__name__] = module
    return handed

"""A multilayer perceptron for small images."""

from zoo.mlp.model import ACTIVATIONS, MLP

__all__ = ["ACTIVATIONS", "MLP"]

"""The multilayer perceptron: fully connected layers with an activation between them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from minitorch import Tensor, nn
from zoo.checks import check_choice

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}


class MLP(nn.Module):
    r"""Flatten, then ``Linear``, activation and dropout for each hidden layer, then ``Linear``.

    .. math:: h_0 = x, \quad h_{i+1} = \mathrm{dropout}(\sigma(W_i h_i + b_i)), \quad
        y = W_n h_n + b_n

    Args:
        in_features: how many numbers one example has, all its axes together.
        out_features: how many scores come out, one a class.
        hidden: the width of each hidden layer; an empty list makes a linear classifier.
        activation: one of ``relu``, ``leaky_relu``, ``elu``, ``gelu``, ``silu``, ``sigmoid``,
            ``tanh``.
        dropout: the probability that a hidden unit is dropped in training.
        input_dropout: the probability that an input is dropped in training.

    Shape:
        - Input: :math:`(N, *)` where the axes :math:`*` hold ``in_features`` numbers.
        - Output: :math:`(N, out\_features)`, scores before the softmax.

    Raises:
        ValueError: when a width is not positive, the activation is unknown, or a dropout is not a
            probability below one.

    Reference: N. Srivastava et al., Dropout: a simple way to prevent neural networks from
    overfitting, JMLR 15, 2014.

    Example::

        >>> import minitorch
        >>> from zoo.mlp import MLP
        >>> model = MLP(784, 10)
        >>> model(minitorch.zeros(2, 1, 28, 28)).shape
        minitorch.Size([2, 10])
    """

    def __init__(
        self,
        in_features: int = 784,
        out_features: int = 10,
        hidden: Sequence[int] = (128, 64),
        activation: str = "relu",
        dropout: float = 0.0,
        input_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_choice("activation", activation, ACTIVATIONS)
        widths = [in_features, *hidden, out_features]
        if not all(isinstance(width, int) and width > 0 for width in widths):
            raise ValueError(f"every width must be a positive integer, got {widths}")
        for name, share in (("dropout", dropout), ("input_dropout", input_dropout)):
            if not 0.0 <= share < 1.0:
                raise ValueError(f"{name} must be at least 0 and below 1, got {share}")
        self.flatten = nn.Flatten()
        self.input_dropout = nn.Dropout(input_dropout) if input_dropout > 0 else nn.Identity()
        self.hidden = nn.ModuleList(
            [nn.Linear(before, after) for before, after in itertools.pairwise(widths[:-1])]
        )
        self.activation = ACTIVATIONS[activation]()
        self.dropout = nn.Dropout(dropout) if dropout > 0 else nn.Identity()
        self.output = nn.Linear(widths[-2], out_features)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, out_features) of a batch ``x`` (N, *)."""
        h = self.input_dropout(self.flatten(x))  # (N, in_features)
        for layer in self.hidden:
            h = self.dropout(self.activation(layer(h)))  # (N, width)
        scores: Tensor = self.output(h)  # (N, out_features)
        return scores

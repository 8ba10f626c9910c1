"""Train the perceptron: ``python -m zoo.mlp.train key=value ...``; ``--help`` lists the keys."""

from __future__ import annotations

from zoo.mlp.data import network_sizes
from zoo.training.command import command

main = command("mlp", network_sizes)

if __name__ == "__main__":
    main()

"""Train the perceptron: ``python -m zoo.mlp.train key=value ...``; ``--help`` lists the keys."""

from __future__ import annotations

from zoo.training.command import command

main = command("mlp")

if __name__ == "__main__":
    main()

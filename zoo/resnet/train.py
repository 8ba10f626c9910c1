"""Train a residual network: ``python -m zoo.resnet.train key=value ...``; ``--help`` lists keys."""

from __future__ import annotations

from zoo.resnet.data import whiten
from zoo.training.command import command

main = command("resnet", initialize=whiten)

if __name__ == "__main__":
    main()

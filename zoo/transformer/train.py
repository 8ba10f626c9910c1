"""Train the classifier: ``python -m zoo.transformer.train key=value ...``, or ``--help``."""

from __future__ import annotations

from zoo.training.command import command
from zoo.transformer.watch import watch_classifier

main = command("transformer", watch=watch_classifier)

if __name__ == "__main__":
    main()

"""Train the decoder: ``python -m zoo.transformer.train_gpt key=value ...``, or ``--help``."""

from __future__ import annotations

from zoo.training.command import command
from zoo.transformer.watch import watch_decoder

main = command("gpt", watch=watch_decoder)

if __name__ == "__main__":
    main()

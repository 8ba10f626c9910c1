"""Train the decoder: ``python -m zoo.transformer.train_gpt key=value ...``, or ``--help``."""

from __future__ import annotations

from zoo.training.command import command
from zoo.transformer.data import decoder_sizes
from zoo.transformer.watch import watch_decoder

main = command(
    "gpt", decoder_sizes, watch=watch_decoder, program="python -m zoo.transformer.train_gpt"
)

if __name__ == "__main__":
    main()

"""Saving and loading: safetensors files, and the files of `torch.save`, without torch.

A dict of tensors becomes a plain safetensors file, which every tool of that format reads.
Anything deeper (a checkpoint with a model, an optimizer and an epoch) becomes the same kind of
file: the tensors under dotted names, and the containers around them as JSON in its metadata.

A file of `torch.save` holds a pickle, which could run any code. `load` reads it with an interpreter
of its own that knows tensors and containers, and calls nothing else. No file is ever unpickled by
Python, and so can run code, unless the caller says ``weights_only=False``.

References: https://huggingface.co/docs/safetensors,
https://docs.pytorch.org/docs/stable/notes/serialization.html
"""

from minitorch.serialization.api import load, load_metadata, save

__all__ = ["load", "load_metadata", "save"]

"""Vectors and their words for TensorBoard's PROJECTOR tab."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CONFIG = """embeddings {{
  tensor_name: "{name}"
  tensor_path: "{name}_vectors.tsv"
  metadata_path: "{name}_words.tsv"
}}
"""


def write_projector(
    folder: Path | str, name: str, vectors: NDArray[np.floating], words: Sequence[str]
) -> None:
    r"""Write ``vectors`` (N, D) and their N words where TensorBoard looks for them.

    Args:
        folder: the run folder.
        name: what the PROJECTOR tab calls them.
        vectors: the points.
        words: the labels; line breaks and tabs in them are shown as ``\n`` and ``\t``.

    Raises:
        ValueError: when there are not as many words as vectors.
    """
    if len(vectors) != len(words):
        raise ValueError(f"{len(vectors)} vectors cannot have {len(words)} words")
    place = Path(folder)
    lines = ["\t".join(f"{number:.5g}" for number in row) for row in vectors]
    (place / f"{name}_vectors.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shown = "\n".join(word if word.isprintable() and word.strip() else repr(word) for word in words)
    (place / f"{name}_words.tsv").write_text(shown + "\n", encoding="utf-8")
    config = CONFIG.format(name=name)
    (place / "projector_config.pbtxt").write_text(config, encoding="utf-8")

"""A folder of the Hugging Face hub: its configuration, its weights, its tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import minitorch
from minitorch import Tensor
from zoo.pretrained.errors import PretrainedError
from zoo.pretrained.layouts import unwrapped

FILES = ("model.safetensors", "pytorch_model.bin")
TOKENIZER_FILES = "tokenizer.json, vocab.json with merges.txt, or vocab.txt"


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """Return a JSON file of the folder; it must hold an object.

    Raises:
        PretrainedError: if it is missing or is no such file.
    """
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PretrainedError(f"{folder} has no {name}") from error
    except (ValueError, RecursionError) as error:
        raise PretrainedError(f"{folder / name} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise PretrainedError(f"{folder / name} holds no JSON object")
    return content


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Return the weights of the folder, in one file or in several that an index lists.

    Raises:
        PretrainedError: if there are none, or an index names what does not lie in the folder.
        ValueError: for a file that is damaged, or names what is not allowed.
    """
    for name in FILES:
        if (folder / f"{name}.index.json").is_file():
            return _read_shards(folder, f"{name}.index.json")
        if (folder / name).is_file():
            return unwrapped(minitorch.load(folder / name))
    raise PretrainedError(f"{folder} has neither {' nor '.join(FILES)}")


def _read_shards(folder: Path, index: str) -> dict[str, Tensor]:
    places = read_json(folder, index).get("weight_map")
    if not isinstance(places, dict) or not all(isinstance(p, str) for p in places.values()):
        raise PretrainedError(f"{folder / index} has no weight_map of names and files")
    weights: dict[str, Tensor] = {}
    for shard in sorted(set(places.values())):
        if Path(shard).name != shard or "\\" in shard or not (folder / shard).is_file():
            raise PretrainedError(f"{folder / index} names {shard!r}, which is no file beside it")
        held = unwrapped(minitorch.load(folder / shard))
        for name in (name for name, place in places.items() if place == shard):
            if name not in held:
                raise PretrainedError(f"{folder / shard} lacks {name}, which {index} puts there")
            weights[name] = held[name]
    return weights


def read_tokenizer(folder: Path) -> Any | None:
    """Return the folder's ``tokenizers.Tokenizer``, or None if it has no tokenizer files.

    Raises:
        PretrainedError: if they are damaged.
    """
    import tokenizers

    try:
        if (folder / "tokenizer.json").is_file():
            return tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        if (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
            vocabulary, merges = str(folder / "vocab.json"), str(folder / "merges.txt")
            return tokenizers.ByteLevelBPETokenizer.from_file(vocabulary, merges)._tokenizer
        if (folder / "vocab.txt").is_file():
            return tokenizers.BertWordPieceTokenizer.from_file(
                str(folder / "vocab.txt"), lowercase=_is_lowercase(folder)
            )._tokenizer
    except Exception as error:
        raise PretrainedError(f"{folder}: its tokenizer cannot be read: {error}") from error
    return None


def _is_lowercase(folder: Path) -> bool:
    """Whether texts are brought to lower case; BERT's own default is that they are."""
    if not (folder / "tokenizer_config.json").is_file():
        return True
    return bool(read_json(folder, "tokenizer_config.json").get("do_lower_case", True))

"""Models of the Hugging Face hub: GPT-2 as the decoder, BERT and DistilBERT as the encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import minitorch
from minitorch import Tensor, nn
from zoo.exchange.encoders import bert, distilbert
from zoo.exchange.folder import TOKENIZER_FILES, read_json, read_tokenizer, read_weights
from zoo.exchange.gpt2 import gpt2
from zoo.pretrained.errors import PretrainedError

Convert = Callable[[dict[str, Any], dict[str, Tensor]], tuple[nn.Module, dict[str, Tensor]]]
CONVERTERS: dict[str, Convert] = {"gpt2": gpt2, "bert": bert, "distilbert": distilbert}


@dataclass(frozen=True)
class HuggingFaceModel:
    """A model of a folder, and what belongs to it.

    Attributes:
        model: a model of `zoo.transformer`, in evaluation mode.
        tokenizer: the folder's ``tokenizers.Tokenizer``; None if it has none.
        labels: the names of the classes, in order; empty for a model without.
        config: the folder's ``config.json``.
        folder: where all that lies.
    """

    model: Any
    tokenizer: Any | None
    labels: tuple[str, ...]
    config: dict[str, Any]
    folder: Path

    def encode(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return token ids (N, S) of texts, special tokens included, and where they are padding.

        Raises:
            PretrainedError: if the folder has no tokenizer.
        """
        if self.tokenizer is None:
            raise PretrainedError(
                f"{self.folder} has no tokenizer: put {TOKENIZER_FILES} there and load it again"
            )
        found = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        longest = max(map(len, found), default=0)
        filler = self.config.get("pad_token_id") or 0
        ids = [each + [filler] * (longest - len(each)) for each in found]
        padding = [[False] * len(each) + [True] * (longest - len(each)) for each in found]
        return minitorch.tensor(ids), minitorch.tensor(padding)


def load_huggingface(folder: Path | str) -> HuggingFaceModel:
    """Return the model in a folder with ``config.json`` and weights, whole or in shards.

    GPT-2 becomes `zoo.transformer.GPT`. BERT and DistilBERT become `zoo.transformer.Bert`, with a
    `BertClassifier` or `BertMaskedLM` around it where the configuration says so. The scores are
    those of the original library.

    Args:
        folder: as the hub's clients download it; nothing is fetched.

    Raises:
        PretrainedError: for a folder or a configuration that is not supported; it names what.
        RuntimeError: naming all keys that are missing, unexpected or of another shape.
        ValueError: for a file that is damaged, or names what is not allowed.

    References: https://huggingface.co/docs/transformers/model_doc/gpt2,
    https://huggingface.co/docs/transformers/model_doc/bert
    """
    place = Path(folder)
    config = read_json(place, "config.json")
    kind = config.get("model_type")
    if kind not in CONVERTERS:
        raise PretrainedError(
            f"{place}: model_type {kind!r} is not supported, only {', '.join(CONVERTERS)} are"
        )
    model, weights = CONVERTERS[kind](config, read_weights(place))
    model.load_state_dict(weights)
    labels = _labels(config, model)
    return HuggingFaceModel(model.eval(), read_tokenizer(place), labels, config, place)


def _labels(config: dict[str, Any], model: nn.Module) -> tuple[str, ...]:
    """The names of the classes, LABEL_0 and so on where the file has none."""
    classifier = getattr(model, "classifier", None)
    if not isinstance(classifier, nn.Linear):
        return ()
    names = config.get("id2label") or {}
    return tuple(str(names.get(str(i), f"LABEL_{i}")) for i in range(classifier.out_features))

"""What counting words achieves: TF-IDF and logistic regression, on the data of a configuration.

``python -m zoo.transformer.baseline [data=sst2 data.root=DATA ...]`` reads the same training,
validation and test texts as ``zoo.transformer.train``, chooses the strength of the regularisation
on the validation texts, and prints the accuracies.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException, InstantiationException
from hydra.utils import instantiate
from omegaconf.errors import OmegaConfBaseException

from zoo.data.errors import DataError
from zoo.pretrained.models import CONFIGURATION
from zoo.text import TextData
from zoo.training import schema
from zoo.training.console import print_table
from zoo.training.mistakes import explain

STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)


def fit_baseline(data: TextData, strength: float, longest: int = 2) -> Any:
    """A scikit-learn pipeline fitted to the training texts.

    Args:
        data: the texts.
        strength: the inverse of the regularisation, scikit-learn's ``C``.
        longest: counts words and runs of up to so many words.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(
        ngram_range=(1, longest), token_pattern=r"\S+", sublinear_tf=True, min_df=2
    )
    model = make_pipeline(words, LogisticRegression(C=strength, max_iter=2000))
    train = data.parts["train"]
    return model.fit(_tokens(data, train.texts), train.labels)


def measure(data: TextData, longest: int = 2) -> dict[str, float]:
    """The accuracies of the baseline whose regularisation suits the validation texts best."""

    def accuracy(model: Any, part: str) -> float:
        texts = data.parts[part]
        return float(model.score(_tokens(data, texts.texts), texts.labels))

    models = {strength: fit_baseline(data, strength, longest) for strength in STRENGTHS}
    chosen = max(models, key=lambda strength: accuracy(models[strength], "val"))
    return {
        "strength": chosen,
        "val": accuracy(models[chosen], "val"),
        "test": accuracy(models[chosen], "test"),
    }


def _tokens(data: TextData, texts: Sequence[str]) -> list[str]:
    """Each text as its tokens with spaces between them, as the transformer sees it."""
    return [
        " ".join(data.tokenizer.tokens[i] for i in ids) for ids in data.tokenizer.encode_all(texts)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; ends with SystemExit when the data cannot be had."""
    parser = argparse.ArgumentParser(
        prog="python -m zoo.transformer.baseline",
        description="What counting words achieves: TF-IDF and logistic regression.",
    )
    parser.add_argument(
        "overrides",
        metavar="KEY=VALUE",
        nargs="*",
        help="settings as for zoo.transformer.train: data=sst2 data.root=DATA",
    )
    overrides = parser.parse_args(arguments).overrides
    schema.register()
    try:
        with initialize_config_dir(str(CONFIGURATION), version_base="1.3"):
            cfg = compose("transformer", overrides=overrides)
        data = instantiate(cfg.data, _convert_="all")
        if not isinstance(data, TextData):
            raise DataError("data: the baseline counts words of labelled texts; choose sst2, say")
        rows = {f"{n} word{'s' * (n > 1)}": measure(data, n) for n in (1, 2)}
    except (HydraException, OmegaConfBaseException) as error:
        cause = error.__cause__ if isinstance(error, InstantiationException) else None
        sentence = f"data: {cause}" if cause else explain(error, "transformer", overrides)
        sys.stderr.write(f"{sentence}\n")
        raise SystemExit(2) from error
    except DataError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error
    shown = functools.partial("{:.2%}".format)
    print_table(
        f"TF-IDF + logistic regression, {data.source.name}",
        {
            name: f"val {shown(row['val'])}, test {shown(row['test'])} (C = {row['strength']:g})"
            for name, row in rows.items()
        },
    )


if __name__ == "__main__":
    main()

"""The text of an override of Hydra: ``++data.root='my data'`` is the key and the value of it."""

from __future__ import annotations

import re

from hydra.core.override_parser.types import Quote, QuotedString


def key_of(override: str) -> str:
    """What an override is about, without the signs that add and delete.

    Example::

        >>> key_of("++model.hidden=[8]"), key_of("data/augment=crop"), key_of("~scheduler")
        ('model.hidden', 'data/augment', 'scheduler')
    """
    return override.lstrip("+~").partition("=")[0]


def value_of(override: str) -> str:
    """What an override sets, without the quotes around it; empty for one that deletes.

    Example::

        >>> value_of("resume='runs/a b'"), value_of("model.hidden=[8,4]"), value_of("~scheduler")
        ('runs/a b', '[8,4]', '')
    """
    return _unquoted(override.partition("=")[2])


def values_of(override: str) -> list[str]:
    """What a sweep sets, one after the other.

    Example::

        >>> values_of("pretrained=mlp_mnist,'mlp_digits'")
        ['mlp_mnist', 'mlp_digits']
    """
    return [_unquoted(text) for text in override.partition("=")[2].split(",")]


def quoted(text: str) -> str:
    r"""``text`` in quotes, as a value.

    Example::

        >>> print(quoted("it's"), value_of("resume=" + quoted("it's")))
        'it\'s' it's
    """
    return QuotedString(text, Quote.single).with_quotes()


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) < 2 or text[0] not in "'\"" or text[-1] != text[0]:
        return text
    # Within quotes, backslashes before a quote, the last one too, stand for half as many.
    return re.sub(rf"(\\+)({text[0]}|$)", lambda m: m[1][: len(m[1]) // 2] + m[2], text[1:-1])

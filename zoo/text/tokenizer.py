"""Tokenizers: words, byte pairs or characters, made by the ``tokenizers`` library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from zoo.data.errors import DataError

PAD, UNKNOWN = "[PAD]", "[UNK]"
# don't -> do n't, it's -> it 's, as the treebanks write it; other words and marks stand alone.
WORDS = r"\w+?(?=n['’]t\b)|n['’]t\b|['’](?:s|re|ve|ll|d|m)\b|\w+|[^\w\s]"


class Tokenizer:
    """Text to token ids and back.

    One of the three classmethods learns a vocabulary from texts. The words' and byte pairs' names
    are those of the ``tokenizers`` library, whose file format is also that of :meth:`save`.

    - :meth:`words`: lower-case words and punctuation marks; ids 0 and 1 are padding and unknown.
    - :meth:`byte_pairs`: pieces of words down to single bytes, so that every text can be written
      and comes back unchanged (R. Sennrich, B. Haddow, A. Birch, Neural machine translation of
      rare words with subword units, ACL 2016).
    - :meth:`characters`: one token a character, in the order of their code points.

    Args:
        backend: a ``tokenizers.Tokenizer``.

    Example::

        >>> tokenizer = Tokenizer.words(["a good film", "not a good film"])
        >>> tokenizer.encode("Not a bad film")
        [5, 2, 1, 3]
        >>> Tokenizer.byte_pairs(["la la la"]).decode([])
        ''
    """

    def __init__(self, backend: object) -> None:
        from tokenizers import Tokenizer as Backend

        if not isinstance(backend, Backend):
            raise TypeError(f"expected a tokenizers.Tokenizer, got {type(backend).__name__}")
        self.backend = backend
        self.backend.encode_special_tokens = True  # what a person types is never a special token

    # Learning a vocabulary.

    @classmethod
    def words(
        cls, texts: Iterable[str], max_size: int | None = None, min_count: int = 1
    ) -> Tokenizer:
        """The words of ``texts``: the ``max_size`` most frequent, each at least ``min_count``."""
        from tokenizers import Regex, normalizers, pre_tokenizers

        normalize = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
        split = pre_tokenizers.Split(Regex(WORDS), "removed", invert=True)
        counts: Counter[str] = Counter()
        for text in texts:
            found = split.pre_tokenize_str(normalize.normalize_str(text))
            counts.update(word for word, _ in found)
        kept = [word for word, count in counts.items() if count >= min_count]
        kept.sort(key=lambda word: (-counts[word], word))
        if max_size is not None:
            kept = kept[: max(max_size - 2, 0)]
        tokenizer = cls._of_list([PAD, UNKNOWN, *kept], unknown=UNKNOWN)
        tokenizer.backend.normalizer = normalize
        tokenizer.backend.pre_tokenizer = split
        return tokenizer

    @classmethod
    def byte_pairs(
        cls, texts: Iterable[str], max_size: int | None = None, *, padded: bool = False
    ) -> Tokenizer:
        """Byte pairs learned from ``texts``, at most ``max_size`` (8,000) tokens.

        Args:
            texts: what to learn from.
            max_size: how many tokens there may be; the 256 bytes are always among them.
            padded: whether ids 0 and 1 are padding and unknown, as classifiers want it.
        """
        from tokenizers import Tokenizer as Backend
        from tokenizers import decoders, models, pre_tokenizers, trainers

        backend = Backend(models.BPE())
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=8000 if max_size is None else max_size,
            special_tokens=[PAD, UNKNOWN] if padded else [],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        backend.train_from_iterator(texts, trainer)
        return cls(backend)

    @classmethod
    def characters(cls, texts: Iterable[str]) -> Tokenizer:
        """The characters of ``texts``."""
        from tokenizers import Regex, decoders, pre_tokenizers

        tokenizer = cls._of_list(sorted(set().union(*texts)))
        tokenizer.backend.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        tokenizer.backend.decoder = decoders.Fuse()
        return tokenizer

    @classmethod
    def _of_list(cls, tokens: Sequence[str], unknown: str = UNKNOWN) -> Tokenizer:
        from tokenizers import Tokenizer as Backend
        from tokenizers import models

        vocabulary = {token: number for number, token in enumerate(tokens)}
        return cls(Backend(models.WordLevel(vocabulary, unk_token=unknown)))

    # Files.

    @classmethod
    def load(cls, path: Path | str) -> Tokenizer:
        """Read a ``tokenizer.json``.

        Raises:
            DataError: when the file is missing or is no such file.
        """
        from tokenizers import Tokenizer as Backend

        if not Path(path).is_file():
            raise DataError(f"there is no tokenizer in {path}")
        try:
            return cls(Backend.from_file(str(path)))
        except Exception as error:  # the library raises nothing more precise
            raise DataError(f"{path} is not a tokenizer.json: {error}") from error

    def save(self, path: Path | str) -> None:
        """Write a ``tokenizer.json``, creating its folder."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.backend.save(str(path))

    # Encoding and decoding.

    def __len__(self) -> int:
        return self.backend.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        """The token ids of ``text``.

        Raises:
            DataError: for a character that the vocabulary of characters does not have.
        """
        return self.encode_all([text])[0]

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each text."""
        if self.kind == "characters":
            return [self._characters(text) for text in texts]
        encodings = self.backend.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def _characters(self, text: str) -> list[int]:
        vocabulary = self.backend.get_vocab()
        missing = sorted(set(text) - vocabulary.keys())
        if missing:
            raise DataError(
                f"the character {missing[0]!r} does not occur in the text that the model was "
                "trained on"
            )
        return list(map(vocabulary.__getitem__, text))

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ``ids``; bytes that are no text show as U+FFFD."""
        return b"".join(map(self.pieces.__getitem__, ids)).decode("utf-8", errors="replace")

    @cached_property
    def kind(self) -> str:
        """What a token is: ``words``, ``byte_pairs`` or ``characters``."""
        from tokenizers import models

        if isinstance(self.backend.model, models.BPE):
            return "byte_pairs"
        return "words" if UNKNOWN in self.backend.get_vocab() else "characters"

    @cached_property
    def tokens(self) -> list[str]:
        """The tokens by id, as the vocabulary writes them."""
        by_id = {number: token for token, number in self.backend.get_vocab().items()}
        return [by_id[number] for number in range(len(by_id))]

    @cached_property
    def pieces(self) -> list[bytes]:
        """What each token adds to a text, in UTF-8; a word brings the space before it."""
        if self.kind == "characters":
            return [token.encode() for token in self.tokens]
        if self.kind == "words":
            return [b" " + token.encode() for token in self.tokens]
        table = _bytes_of_characters()
        return [
            token.encode() if token in (PAD, UNKNOWN) else bytes(table[c] for c in token)
            for token in self.tokens
        ]

    @cached_property
    def shown(self) -> list[str]:
        """What each token adds to a text, with exactly the characters that begin in it.

        Where a character's bytes go on in the next token, U+FFFD stands for it; the next token
        shows nothing of it. So the lengths add up to the length of the text.
        """
        return [_shown(piece) for piece in self.pieces]


def _shown(piece: bytes) -> str:
    begun = sum(byte & 0xC0 != 0x80 for byte in piece)
    whole = piece.decode("utf-8", errors="ignore")
    return whole + "\ufffd" * (begun - len(whole))


def _bytes_of_characters() -> dict[str, int]:
    """Which byte each character of a byte-level vocabulary stands for.

    Printable bytes stand for themselves; the others are moved to U+0100 and above, in order.
    Reference: A. Radford et al., Language models are unsupervised multitask learners, 2019.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    table |= {chr(0x100 + place): byte for place, byte in enumerate(others)}
    return table

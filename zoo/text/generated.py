"""Sentences about films, made up on the spot, that no bag of words can judge."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from zoo.checks import check_positive
from zoo.text.labelled import LabelledTexts, TextSet


def _list(words: str) -> list[str]:
    return words.split()


GOOD = _list(
    "good great wonderful moving funny charming clever brilliant gripping fresh warm superb "
    "delightful elegant honest thrilling"
)
BAD = _list(
    "bad terrible awful dull boring clumsy stupid weak tedious stale cold poor dreadful silly "
    "lifeless painful"
)
SUBJECTS = _list(
    "film movie plot story acting cast script ending dialogue music direction photography hero "
    "pacing humour sequel"
)
BYSTANDERS = _list("popcorn seats weather coffee traffic parking queue hotel")
DEGREES = ["", "", "", "very", "really", "quite", "truly", "rather", "so", "extremely"]
PEOPLE = ["my brother", "my sister", "a friend", "the critic", "every review", "my neighbour"]
OPENINGS = [
    "",
    "",
    "",
    "honestly ,",
    "i think",
    "in my opinion ,",
    "after two hours i can say that",
    "we saw it on a rainy tuesday and",
    "i read the book first and",
]
CLOSINGS = ["", "", "", "this time", "from start to end", "for what it is", "as far as i can tell"]
NEGATIONS = [
    "was not {}",
    "was never {}",
    "was hardly {}",
    "was anything but {}",
    "was not what i would call {}",
    "did not seem {} to me",
    "was not in any scene {}",
]
STATEMENTS = [
    "was {}",
    "was {}",
    "seemed {} to me",
    "turned out {}",
    "was in every scene {}",
    "was never less than {}",
    "could not have been more {}",
]


class GeneratedSentiment:
    """Reviews of one sentence with negation, intensifiers, distractors and contrast.

    The verdict is turned around by negation (*was not in any scene good*), not by words that only
    look like it (*was never less than good*); it is that of the main clause (*although the plot was
    dull , the film was great*) and of the writer (*my brother said that the film was great but i
    found that it was dull*), and things that are not part of the film do not matter (*the popcorn
    was awful*). Nearly every word is as frequent in good reviews as in bad ones; their order tells.

    Args:
        n_train: how many sentences to learn from.
        n_val: how many to choose the model with.
        n_test: how many to judge it with; no sentence is in two parts.
        seed: decides which sentences there are.

    Raises:
        ValueError: when a number is not positive.

    Example::

        >>> data = GeneratedSentiment(n_train=3, n_val=1, n_test=1).load()
        >>> len(data.train), data.classes
        (3, ('negative', 'positive'))
    """

    name = "sentiment"

    def __init__(
        self, n_train: int = 10000, n_val: int = 1000, n_test: int = 2000, seed: int = 0
    ) -> None:
        check_positive(n_train=n_train, n_val=n_val, n_test=n_test)
        if seed < 0:
            raise ValueError(f"seed must not be negative, got {seed}")
        self.sizes = (n_train, n_val, n_test)
        self.seed = seed

    def load(self) -> TextSet:
        """Make the sentences."""
        writer = SentenceWriter(np.random.default_rng(self.seed))
        total = sum(self.sizes)
        found: dict[str, int] = {}
        while len(found) < total:
            label = len(found) % 2
            found.setdefault(writer.write(label), label)
        order = writer.rng.permutation(total)
        labels = np.array(list(found.values()), np.int64)
        texts = LabelledTexts(list(found), labels).take(order)
        first, second, _ = np.cumsum(self.sizes)
        parts = np.split(np.arange(total), [first, second])
        train, val, test = (texts.take(part) for part in parts)
        return TextSet(("negative", "positive"), train, val, test)


class SentenceWriter:
    """Writes a sentence of a given verdict, 0 or 1.

    Args:
        rng: decides on the words.

    Example::

        >>> import numpy as np
        >>> SentenceWriter(np.random.default_rng(7)).clause(1, "film")
        'the film was not what i would call truly lifeless'
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._forms: list[Callable[[int], str]] = [
            self._plain,
            self._but,
            self._although,
            self._even_though,
            self._even_though,
            self._reported,
            self._reported,
            self._not_only,
            self._bystander,
            self._bystander,
        ]

    def write(self, verdict: int) -> str:
        """A sentence whose verdict is ``verdict``."""
        form = self._forms[self.rng.integers(len(self._forms))]
        words = f"{self._one(OPENINGS)} {form(verdict)} {self._one(CLOSINGS)} ."
        return " ".join(words.split())

    def clause(self, verdict: int, subject: str | None = None) -> str:
        """A subject and what is said of it, negated or not."""
        subject = self._one(SUBJECTS) if subject is None else subject
        negated = int(self.rng.integers(2))
        predicate = self._one(NEGATIONS if negated else STATEMENTS)
        quality = self._quality(verdict ^ negated, graded="more" not in predicate)
        return f"the {subject} {predicate.format(quality)}"

    def _one(self, choices: list[str]) -> str:
        return choices[self.rng.integers(len(choices))]

    def _quality(self, verdict: int, graded: bool = True) -> str:
        degree = self._one(DEGREES) if graded else ""
        return f"{degree} {self._one(GOOD if verdict else BAD)}".strip()

    # The forms; where there are two clauses, the other one says the opposite.

    def _plain(self, verdict: int) -> str:
        return self.clause(verdict)

    def _but(self, verdict: int) -> str:
        return f"{self.clause(1 - verdict)} , but {self.clause(verdict)}"

    def _although(self, verdict: int) -> str:
        return f"although {self.clause(1 - verdict)} , {self.clause(verdict)}"

    def _even_though(self, verdict: int) -> str:
        return f"{self.clause(verdict)} , even though {self.clause(1 - verdict)}"

    def _reported(self, verdict: int) -> str:
        opinion = f"{self._one(PEOPLE)} said that {self.clause(1 - verdict)}"
        if self.rng.integers(2):
            return f"{opinion} but i found that {self.clause(verdict)}"
        return f"{self.clause(verdict)} whereas {opinion}"

    def _not_only(self, verdict: int) -> str:
        first, second = self._quality(verdict), self._quality(verdict)
        return f"the {self._one(SUBJECTS)} was not only {first} but also {second}"

    def _bystander(self, verdict: int) -> str:
        aside = self.clause(1 - verdict, self._one(BYSTANDERS))
        first, second = aside, self.clause(verdict)
        if self.rng.integers(2):
            first, second = second, first
        return f"{first} and {second}"

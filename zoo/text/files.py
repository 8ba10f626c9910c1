"""Reading text files, with one clear sentence for whatever is wrong with them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from zoo.data.errors import DataError
from zoo.text.labelled import LabelledTexts

LABELS = ("label", "class", "sentiment", "category", "target")
TEXTS = ("text", "sentence", "text_a", "review", "content")
DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}


def read_text(path: Path | str) -> str:
    r"""The text of a UTF-8 file; a mark at its start is dropped, and lines end with ``\n``.

    Raises:
        DataError: when the file is missing, empty or not UTF-8.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error
    if not content.strip():
        raise DataError(f"{path} is empty: give it some text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path} is not UTF-8: byte 0x{content[error.start]:02x} in line {line} cannot be "
            "read; save the file as UTF-8"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_pairs(
    path: Path | str, label_column: int = 0, text_column: int = 1
) -> Iterator[tuple[int, str, str]]:
    """The number of the line, the label and the text of each row of a table.

    Files that end in ``.csv`` are comma separated, with quotes where needed; ``.tsv`` and ``.txt``
    have one tab between two columns and no quotes. A first row that names the columns, ``label``
    and ``text`` say, decides which is which; without it the two numbers do.

    Raises:
        DataError: when the file cannot be read, or a row has no label, no text, or another number
            of columns than the first.
    """
    delimiter = DELIMITERS.get(Path(path).suffix.lower())
    if delimiter is None:
        raise DataError(f"{path}: expected a file that ends in {', '.join(DELIMITERS)}")
    rows = _rows(path, read_text(path), delimiter)
    number, first = next(rows)
    names = [cell.strip().lower() for cell in first]
    label, text = _position(names, LABELS), _position(names, TEXTS)
    if label is not None and text is not None:
        label_column, text_column = label, text
    else:
        yield _pair(path, number, first, label_column, text_column)
    for number, row in rows:
        pair = _pair(path, number, row, label_column, text_column)
        if len(row) != len(first):
            raise DataError(
                f"{path}, line {number}: expected {_columns(first)} as in the first row, got "
                f"{_columns(row)}"
            )
        yield pair


def read_labelled(
    path: Path | str,
    classes: Sequence[str] | None = None,
    label_column: int = 0,
    text_column: int = 1,
) -> tuple[LabelledTexts, tuple[str, ...]]:
    """Read a table of labels and texts, and the classes: those given, or those in it, sorted.

    Raises:
        DataError: when the file cannot be read, is empty, or has a label that is not in
            ``classes``.
    """
    rows = list(read_pairs(path, label_column, text_column))
    if not rows:
        raise DataError(f"{path} has a row of names and no examples")
    counts = Counter(label for _, label, _ in rows)
    known = tuple(sorted(counts, key=_natural))
    number, first, _ = rows[0]
    others = [count for label, count in counts.items() if label != first]
    if classes is None and counts[first] == 1 and others and min(others) > 1:
        raise DataError(
            f"{path}, line {number}: {first!r} is the label of this row alone: if the row "
            "names the columns, call them label and text"
        )
    if classes is not None:
        known = tuple(classes)
        for number, label, _ in rows:
            if label not in known:
                raise DataError(
                    f"{path}, line {number}: the label {label!r} does not occur in the training "
                    f"file, which has {', '.join(known)}"
                )
    numbers = {label: number for number, label in enumerate(known)}
    labels = np.array([numbers[label] for _, label, _ in rows], np.int64)
    return LabelledTexts([text for _, _, text in rows], labels), known


def _rows(path: Path | str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, with the number of their first line."""
    if delimiter == ",":
        rows = _comma_separated(path, text)
    else:
        rows = ((i, line.split("\t")) for i, line in enumerate(text.split("\n"), start=1))
    return ((number, row) for number, row in rows if any(cell.strip() for cell in row))


def _comma_separated(path: Path | str, text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table whose cells may have quotes, and lines and commas within them."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for row in reader:
            yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path}, line {start}: {error}; a cell with a quote in it is written in quotes, the "
            'quote twice: "so ""good"""'
        ) from error


def _pair(
    path: Path | str, number: int, row: list[str], label_column: int, text_column: int
) -> tuple[int, str, str]:
    if len(row) <= max(label_column, text_column):
        raise DataError(f"{path}, line {number}: expected a label and a text, got {_columns(row)}")
    label, text = row[label_column].strip(), row[text_column].strip()
    if not (label and text):
        raise DataError(f"{path}, line {number}: the {'text' if label else 'label'} is empty")
    return number, label, text


def _columns(row: Sequence[str]) -> str:
    return "1 column" if len(row) == 1 else f"{len(row)} columns"


def _position(names: Sequence[str], choices: Sequence[str]) -> int | None:
    return next((names.index(choice) for choice in choices if choice in names), None)


def _natural(label: str) -> tuple[int, int, str]:
    """Numbers by their value, before words."""
    return (0, int(label), "") if label.isdecimal() else (1, 0, label)

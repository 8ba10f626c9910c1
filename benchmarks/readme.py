"""``python -m benchmarks.readme``: copy the recorded tables between the README's markers.

A marker pair ``<!-- begin: PATH -->`` and ``<!-- end: PATH -->`` is filled with that file's
contents; nothing between markers is written by hand.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MARKED = re.compile(r"(<!-- begin: (\S+) -->\n).*?(<!-- end: \2 -->)", re.DOTALL)


def filled(text: str, root: Path = ROOT) -> str:
    """The text with every marked part brought up to date.

    Raises:
        FileNotFoundError: A marker names a file that is not there.
    """

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}\n{(root / match[2]).read_text().strip()}\n\n{match[3]}"

    return MARKED.sub(fill, text)


def main() -> None:
    """Rewrite the README in place, or say that it was up to date."""
    readme = ROOT / "README.md"
    before = readme.read_text()
    try:
        after = filled(before)
    except FileNotFoundError as missing:
        sys.exit(f"the README shows {missing.filename}, which has not been generated yet")
    readme.write_text(after)
    print("README.md: " + ("up to date" if after == before else "tables rewritten"))


if __name__ == "__main__":
    main()

"""``python -m benchmarks.readme``: copy the recorded tables between the markers of the pages.

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
        return f"{match[1]}\n{(root / match[2]).read_text(encoding='utf-8').strip()}\n\n{match[3]}"

    return MARKED.sub(fill, text)


def pages() -> list[Path]:
    """The pages with generated parts: the README, the documents and the model cards."""
    return [
        ROOT / "README.md",
        *sorted(ROOT.glob("docs/*.md")),
        *sorted(ROOT.glob("zoo/*/README.md")),
    ]


def main() -> None:
    """Rewrite the pages in place, or say that they were up to date."""
    for page in pages():
        before = page.read_text(encoding="utf-8")
        try:
            after = filled(before)
        except FileNotFoundError as missing:
            sys.exit(
                f"{page.name} shows {missing.filename}, which `make bench` (without --only) or "
                "`make tables` writes"
            )
        page.write_text(after, encoding="utf-8")
        state = "up to date" if after == before else "tables rewritten"
        print(f"{page.relative_to(ROOT)}: {state}")


if __name__ == "__main__":
    main()

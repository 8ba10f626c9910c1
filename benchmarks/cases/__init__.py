"""The rows of the table, in its order. A new row is a new file here and a line below."""

from __future__ import annotations

from benchmarks.case import Case
from benchmarks.cases import imports, mlp, parts, tape

CASES: dict[str, Case] = {
    case.name: case for module in (mlp, tape, parts, imports) for case in module.CASES
}

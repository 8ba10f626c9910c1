"""The rows of the table, in its order. A new row is a new file here and a line below."""

from __future__ import annotations

from benchmarks.case import Case
from benchmarks.cases import (
    convolution,
    generation,
    imports,
    inference,
    loading,
    mlp,
    normalization,
    parts,
    pooling,
    tape,
    transformer,
)

CASES: dict[str, Case] = {
    case.name: case
    for module in (
        mlp,
        tape,
        parts,
        convolution,
        pooling,
        normalization,
        transformer,
        generation,
        inference,
        loading,
        imports,
    )
    for case in module.CASES
}

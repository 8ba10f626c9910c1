"""The rows of the table, in its order: each a `Case` in a file here. A new file is named below."""

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
    recurrent,
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
        recurrent,
        generation,
        inference,
        loading,
        imports,
    )
    for case in module.CASES
}

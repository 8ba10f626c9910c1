"""The state of an optimizer that keeps what it likes, saved and loaded, against PyTorch."""

from __future__ import annotations

from typing import Any

import torch

import minitorch


def loaded(library: Any) -> dict[str, Any]:
    """Return the state of a parameter after it was saved and loaded."""
    p = library.ones(2, requires_grad=True)

    class Own(library.optim.Optimizer):
        def __init__(self) -> None:
            super().__init__([p], {"lr": 0.1})

        def step(self, closure: Any = None) -> None:
            state = self.state[p]
            state["step"] = state.get("step", 0) + 1
            state["rate"], state["nothing"], state["seen"] = 1.5, None, [1, library.ones(5)]
            state["whole"], state["inner"] = library.arange(2), {"x": library.ones(3)}

    optimizer, other = Own(), Own()
    optimizer.step()
    other.load_state_dict(optimizer.state_dict())
    other.step()
    assert other.state[p]["step"] == 2
    other.load_state_dict(optimizer.state_dict())
    assert other.state[p]["seen"][0] == 1
    assert other.state[p]["seen"] is not optimizer.state[p]["seen"]
    return other.state[p]


def test_what_is_no_tensor_stays_itself() -> None:
    theirs, ours = loaded(torch), loaded(minitorch)
    assert list(ours) == list(theirs)
    for name in ("step", "rate", "nothing"):
        assert ours[name] == theirs[name]
        assert type(ours[name]) is type(theirs[name])
    pairs = [
        (ours["whole"], theirs["whole"]),
        (ours["seen"][1], theirs["seen"][1]),
        (ours["inner"]["x"], theirs["inner"]["x"]),
    ]
    for x, y in pairs:
        assert x.tolist() == y.tolist()
        assert str(x.dtype).split(".")[1] == str(y.dtype).split(".")[1]

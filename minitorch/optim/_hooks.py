"""What runs before and after an optimizer's step."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """Return `step` with the optimizer's hooks run around it."""

    @functools.wraps(step)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        for hook in tuple(self._step_pre_hooks.values()):
            result = hook(self, args, kwargs)
            if result is not None:
                if not (isinstance(result, tuple) and len(result) == 2):
                    raise RuntimeError(
                        f"{step} must return None or a tuple of (new_args, new_kwargs), "
                        f"but got {result}."
                    )
                args, kwargs = result
        out = step(self, *args, **kwargs)
        for hook in tuple(self._step_post_hooks.values()):
            hook(self, args, kwargs)
        return out

    return wrapper

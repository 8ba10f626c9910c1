"""`GradScaler`: the loss times a scale, so that small gradients do not vanish in float16."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from minitorch.amp._unscaling import OptState, as_number, ready, unscaled
from minitorch.notices import warn
from minitorch.tensor import Tensor, wrap


class GradScaler:
    r"""Multiply the loss by a scale, divide the gradients by it, and adapt it.

    A step whose gradients are not all finite is skipped, and the scale becomes
    :math:`s \cdot backoff\_factor`; after `growth_interval` steps without one it becomes
    :math:`s \cdot growth\_factor`.

    Args:
        device: ``"cpu"``; with ``"cuda"``, of which there is none, it warns and disables itself.
        init_scale: the first scale.
        growth_factor: see above.
        backoff_factor: see above.
        growth_interval: see above.
        enabled: False passes everything through: the scale is 1, and `step` is the optimizer's.

    Raises:
        AssertionError: unless ``growth_factor > 1`` and ``backoff_factor < 1``.
        NotImplementedError: for other devices.

    Reference: https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler

    Example:
        >>> import minitorch
        >>> w = minitorch.tensor([1.0], requires_grad=True)
        >>> optimizer = minitorch.optim.SGD([w], lr=0.1)
        >>> scaler = minitorch.amp.GradScaler("cpu")
        >>> scaler.scale((2 * w).sum()).backward()
        >>> w.grad
        tensor([131072.])
        >>> scaler.step(optimizer)
        >>> scaler.update()
        >>> w
        tensor([0.8000], requires_grad=True)
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if device not in ("cpu", "cuda"):
            raise NotImplementedError(f"GradScaler: device={device!r} is not supported")
        self._device = device
        self._enabled = enabled
        if enabled and device == "cuda":
            warn("minitorch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.")
            self._enabled = False
        if not self._enabled:
            return
        if growth_factor <= 1.0:
            raise AssertionError("The growth factor must be > 1.0.")
        if backoff_factor >= 1.0:
            raise AssertionError("The backoff factor must be < 1.0.")
        self._init_scale = init_scale
        self._init_growth_tracker = 0
        self._scale: Tensor | None = None  # float32, made when something is scaled
        self._growth_tracker: int | None = None  # steps without infinite gradients, likewise
        self._growth_factor = growth_factor
        self._backoff_factor = backoff_factor
        self._growth_interval = growth_interval
        self._per_optimizer_states: dict[int, dict[str, Any]] = defaultdict(ready)

    # ------------------------------------------------------------------ one step

    def scale(self, outputs: Tensor | Iterable[Any]) -> Any:
        """Return a tensor, or nested lists and tuples of them, times the scale.

        Args:
            outputs: what to scale.

        Raises:
            ValueError: for something else.
        """
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            if self._scale is None:
                self._scale = wrap(np.array(self._init_scale, np.float32))
                self._growth_tracker = self._init_growth_tracker
            return outputs * self._scale
        if isinstance(outputs, Iterable):
            scaled = map(self.scale, outputs)
            return type(outputs)(scaled) if isinstance(outputs, list | tuple) else scaled
        raise ValueError("outputs must be a Tensor or an iterable of Tensors")

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients of the optimizer's parameters by the scale, in place.

        Args:
            optimizer: whose; `step` does it by itself, unless the gradients are clipped before.

        Raises:
            RuntimeError: if that was done since the last `update`.
            ValueError: for gradients in float16.
        """
        if not self._enabled:
            return
        scale = self._started("unscale_")
        state = self._per_optimizer_states[id(optimizer)]
        if state["stage"] is OptState.UNSCALED:
            raise RuntimeError(
                "unscale_() has already been called on this optimizer since the last update()."
            )
        if state["stage"] is OptState.STEPPED:
            raise RuntimeError("unscale_() is being called after step().")
        state["found_inf"] = unscaled(optimizer, scale.double().reciprocal().float().item())
        state["stage"] = OptState.UNSCALED

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """Unscale the gradients, and let the optimizer make its step if all of them are finite.

        Args:
            optimizer: the optimizer.
            *args: for its step.
            **kwargs: for its step; no closure.

        Returns:
            What the optimizer's step returned, or None.

        Raises:
            RuntimeError: for a closure, and for a second step before `update`.
            AssertionError: if no parameter has a gradient.
        """
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError("Closure use is not currently supported if GradScaler is enabled.")
        if getattr(optimizer, "_step_supports_amp_scaling", False):
            raise NotImplementedError(
                "GradScaler.step: an optimizer with _step_supports_amp_scaling is not supported"
            )
        self._started("step")
        state = self._per_optimizer_states[id(optimizer)]
        if state["stage"] is OptState.STEPPED:
            raise RuntimeError("step() has already been called since the last update().")
        if state["stage"] is OptState.READY:
            self.unscale_(optimizer)
        if state["found_inf"] is None:
            raise AssertionError("No inf checks were recorded for this optimizer.")
        result = None if state["found_inf"] else optimizer.step(*args, **kwargs)
        state["stage"] = OptState.STEPPED
        return result

    def update(self, new_scale: float | Tensor | None = None) -> None:
        """Adapt the scale to what the steps since the last update found.

        Args:
            new_scale: the scale from now on, instead.
        """
        if not self._enabled:
            return
        scale = self._started("update")
        if new_scale is not None:
            scale._array[()] = as_number(new_scale)
        else:
            states = self._per_optimizer_states.values()
            found = [state["found_inf"] for state in states if state["found_inf"] is not None]
            if not found:
                raise AssertionError("No inf checks were recorded prior to update.")
            self._adapt(scale, any(found))
        self._per_optimizer_states = defaultdict(ready)

    def _adapt(self, scale: Tensor, found_inf: bool) -> None:
        """Shrink the scale, or let it grow if it is time; it does not grow to infinity."""
        assert self._growth_tracker is not None
        before = scale.item()
        self._growth_tracker = 0 if found_inf else self._growth_tracker + 1
        if found_inf:
            scale._array[()] = np.float32(before * self._backoff_factor)
        elif self._growth_tracker == self._growth_interval:
            self._growth_tracker = 0
            grown = before * self._growth_factor
            if grown <= float(np.finfo(np.float32).max):
                scale._array[()] = np.float32(grown)

    def _started(self, name: str) -> Tensor:
        """Return the scale; AssertionError if nothing was scaled yet."""
        if self._scale is None:
            raise AssertionError(
                f"Attempted {name} but _scale is None.  This may indicate your script did not use "
                "scaler.scale(loss or outputs) earlier in the iteration."
            )
        return self._scale

    # ------------------------------------------------------------------ questions and settings

    def is_enabled(self) -> bool:
        """Return whether it scales."""
        return self._enabled

    def get_scale(self) -> float:
        """Return the scale, 1 if it is disabled."""
        if not self._enabled:
            return 1.0
        return self._init_scale if self._scale is None else float(self._scale.item())

    def get_growth_factor(self) -> float:
        """Return the growth factor."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Set the growth factor."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """Return the backoff factor."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Set the backoff factor."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """Return the growth interval."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Set the growth interval."""
        self._growth_interval = new_interval

    def _get_growth_tracker(self) -> int:
        if not self._enabled:
            return 0
        tracker = self._growth_tracker
        return self._init_growth_tracker if tracker is None else tracker

    # ------------------------------------------------------------------ what is saved

    def state_dict(self) -> dict[str, Any]:
        """Return the scale, the factors, the interval and the steps counted; {} if disabled."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(),
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._get_growth_tracker(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned; nothing happens if it is disabled.

        Args:
            state_dict: the state.

        Raises:
            RuntimeError: if it is empty.
        """
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a disabled "
                "instance of GradScaler."
            )
        self._init_scale = state_dict["scale"]
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
        self._init_growth_tracker = state_dict["_growth_tracker"]
        if self._scale is not None:
            self._scale._array[()] = self._init_scale
            self._growth_tracker = self._init_growth_tracker

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        if self._enabled:
            if self._per_optimizer_states:
                raise AssertionError(
                    "A GradScaler instance may only be pickled at the beginning of an iteration, "
                    "or at the end after scaler.update()."
                )
            state["_init_scale"] = self.get_scale()
            state["_init_growth_tracker"] = self._get_growth_tracker()
            state["_scale"] = state["_growth_tracker"] = None
        return state

"""Checkpoints: compute again in the backward pass what the forward pass need not keep.

Reference: https://docs.pytorch.org/docs/stable/checkpoint.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from minitorch import random
from minitorch.autograd import (
    Function,
    backward,
    enable_grad,
    is_grad_enabled,
    no_grad,
    sequence_nr,
)
from minitorch.autograd.engine import edge_of
from minitorch.autograd.recompute import CheckpointError, Frame
from minitorch.autograd.saved import SavedInput
from minitorch.modes import state
from minitorch.nn.container import Sequential
from minitorch.notices import warn
from minitorch.tensor import Tensor

__all__ = [
    "CheckpointError",
    "checkpoint",
    "checkpoint_sequential",
    "noop_context_fn",
    "set_checkpoint_early_stop",
]

_early_stop: bool | None = None


def noop_context_fn() -> tuple[Any, Any]:
    """Return two contexts that do nothing."""
    return contextlib.nullcontext(), contextlib.nullcontext()


@contextlib.contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Override, inside the block, the argument `early_stop` of `checkpoint`.

    Args:
        enable: the value of the argument.
    """
    global _early_stop
    before, _early_stop = _early_stop, enable
    try:
        yield
    finally:
        _early_stop = before


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """Return ``function(*args)``, keeping only the arguments: the backward pass runs it again.

    Args:
        function: what to compute. It must do the same the second time; a function that changes a
            tensor which it did not make (the statistics of batch normalization) does so twice.
        *args: what it is given.
        use_reentrant: False records `function` in the graph, as if there were no checkpoint. True,
            still what torch does if nothing is said, hides it in one operation: gradients by
            arguments that are tensors only, at least one of which must require grad, through
            ``backward()`` without `inputs`, and no second derivatives.
        context_fn: not supported.
        determinism_check: ``"default"`` compares the shapes and dtypes of what the two runs keep,
            ``"none"`` does not.
        debug: not supported.
        early_stop: whether the second run may keep more than the first. It always runs to its end,
            where torch's stops once it has what it needs.
        **kwargs: ``preserve_rng_state=False`` leaves the random numbers of the second run to
            chance; by default they are those of the first. With ``use_reentrant=False`` the others
            are keyword arguments of `function`.

    Raises:
        CheckpointError: in the backward pass, if `function` did something else.
        ValueError: for keyword arguments with ``use_reentrant=True``, or another
            `determinism_check`.
        NotImplementedError: for `context_fn` and ``debug=True``.

    Reference: https://docs.pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint

    Example:
        >>> import minitorch
        >>> from minitorch.utils.checkpoint import checkpoint
        >>> x = minitorch.tensor(2.0, requires_grad=True)
        >>> y = checkpoint(lambda x: (x * x).exp(), x, use_reentrant=False)
        >>> y.backward()
        >>> x.grad
        tensor(218.3926)
    """
    if use_reentrant is None:
        warn(
            "minitorch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. "
            "Starting in PyTorch 2.9, calling checkpoint without use_reentrant will raise an "
            "exception. use_reentrant=False is recommended, but if you need to preserve the "
            "current default behavior, you can pass use_reentrant=True. Refer to docs for more "
            "details on the differences between the two variants."
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        _refuse_unknown(kwargs)
        if context_fn is not noop_context_fn or debug is not False:
            raise ValueError(
                "Passing `context_fn` or `debug` is only supported when use_reentrant=False."
            )
        return _Reentrant.apply(function, preserve, *args)
    if context_fn is not noop_context_fn:
        raise NotImplementedError("checkpoint: context_fn is not supported")
    if debug:
        raise NotImplementedError("checkpoint: debug=True is not supported")
    if determinism_check not in ("default", "none"):
        raise ValueError(
            f"determinism_check should be one of ['default', 'none'], but got {determinism_check}"
        )
    if not is_grad_enabled():
        return function(*args, **kwargs)
    kept = [_kept(x) for x in args]
    random_state = random.get_rng_state() if preserve else None

    def again() -> Any:
        given = [x.unpack(None) if isinstance(x, SavedInput) else x for x in kept]
        with _random_state(random_state):
            return function(*given, **kwargs)

    more = early_stop if _early_stop is None else _early_stop
    frame = Frame(again, more, determinism_check == "default")
    start = sequence_nr()
    outputs = function(*args, **kwargs)
    frame.let_go(outputs, start)
    return outputs


def checkpoint_sequential(
    functions: Sequential | Sequence[Callable[[Any], Any]],
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Run `functions` one after the other in segments, each of them a checkpoint but the last.

    Args:
        functions: a `Sequential`, or a list of modules or functions of one argument.
        segments: how many.
        input: what the first is given.
        use_reentrant: as for `checkpoint`.
        **kwargs: ``preserve_rng_state``, as for `checkpoint`.

    Returns:
        What the last of `functions` returned.

    Raises:
        ValueError: for other keyword arguments.

    Reference:
        https://docs.pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint_sequential

    Example:
        >>> import minitorch
        >>> from minitorch.utils.checkpoint import checkpoint_sequential
        >>> model = minitorch.nn.Sequential(*(minitorch.nn.Linear(2, 2) for _ in range(4)))
        >>> x = minitorch.ones(3, 2)
        >>> checkpoint_sequential(model, 2, x, use_reentrant=False).shape
        minitorch.Size([3, 2])
    """
    if use_reentrant is None:
        warn(
            "minitorch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should "
            "be passed explicitly. In version 2.9 we will raise an exception if use_reentrant is "
            "not passed. use_reentrant=False is recommended, but if you need to preserve the "
            "current default behavior, you can pass use_reentrant=True. Refer to docs for more "
            "details on the differences between the two variants."
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    _refuse_unknown(kwargs)
    steps: Any = list(functions.children()) if isinstance(functions, Sequential) else functions
    size = len(steps) // segments
    end = 0
    for start in range(0, size * (segments - 1), size):
        end = start + size
        input = checkpoint(
            _run_of(steps, start, end),
            input,
            use_reentrant=use_reentrant,
            preserve_rng_state=preserve,
        )
    return _run_of(steps, end, len(steps))(input)


def _run_of(functions: Sequence[Any], start: int, end: int) -> Callable[[Any], Any]:
    """Return the function that runs those from `start` up to `end`."""

    def run(x: Any) -> Any:
        for place in range(start, end):
            x = functions[place](x)
        return x

    return run


def _refuse_unknown(options: dict[str, Any]) -> None:
    if options:
        raise ValueError("Unexpected keyword arguments: " + ",".join(options))


def _kept(x: Any) -> Any:
    """Return what to keep of an argument; its history is brought up to date."""
    if not isinstance(x, Tensor):
        return x
    edge_of(x)
    return SavedInput(x)


@contextlib.contextmanager
def _random_state(wanted: Tensor | None) -> Iterator[None]:
    """Draw from the state `wanted` inside the block, and as if nothing had been drawn after it."""
    if wanted is None:
        yield
        return
    before = random.get_rng_state()
    random.set_rng_state(wanted)
    try:
        yield
    finally:
        random.set_rng_state(before)


class _Reentrant(Function):
    """A checkpoint that is one operation: its backward pass contains another."""

    @staticmethod
    def forward(ctx: Any, function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        if not any(x.requires_grad for x in args if isinstance(x, Tensor)):
            warn("None of the inputs have requires_grad=True. Gradients will be None")
        ctx.run, ctx.random_state = function, random.get_rng_state() if preserve else None
        ctx.constants = [None if isinstance(x, Tensor) else x for x in args]
        ctx.places = [place for place, x in enumerate(args) if isinstance(x, Tensor)]
        ctx.save_for_backward(*(args[place] for place in ctx.places))
        with no_grad():
            return function(*args)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        if state.selective:
            raise RuntimeError(
                "When use_reentrant=True, minitorch.utils.checkpoint is incompatible with .grad() "
                "or passing an `inputs` parameter to .backward(). To resolve this error, you can "
                "either set use_reentrant=False, or call .backward() without passing the `inputs` "
                "argument."
            )
        args = list(ctx.constants)
        for place, x in zip(ctx.places, ctx.saved_tensors, strict=True):
            args[place] = x.detach().requires_grad_(x.requires_grad)
        with _random_state(ctx.random_state), enable_grad():
            outputs = ctx.run(*args)
        outputs = (outputs,) if isinstance(outputs, Tensor) else outputs
        pairs = [
            (y, g)
            for y, g in zip(outputs, grad_outputs, strict=True)
            if isinstance(y, Tensor) and y.requires_grad
        ]
        if not pairs:
            raise RuntimeError(
                "none of output has requires_grad=True, this checkpoint() is not necessary"
            )
        backward([y for y, _ in pairs], [g for _, g in pairs])
        gradients = (x.grad if isinstance(x, Tensor) else None for x in args)
        return None, None, *gradients

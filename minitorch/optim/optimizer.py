"""The base of every optimizer: parameter groups, the step, hooks, and what is saved.

An optimizer is two short functions on ndarrays: `init`, the state of a parameter before its first
update, and `update`, one elementwise step. Everything else is here, once.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np

from minitorch.autograd import enable_grad
from minitorch.autograd.hooks import RemovableHandle, add_hook
from minitorch.kernels import blocks
from minitorch.optim._groups import check_distinct, complete_group, typename
from minitorch.optim._hooks import with_hooks
from minitorch.optim._state import any_state, load_state, pack, unpack
from minitorch.tensor import Tensor, wrap

ParamsT: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]] | Iterable[tuple[str, Tensor]]
Closure: TypeAlias = Callable[[], Any]
Group: TypeAlias = dict[str, Any]
StateDict: TypeAlias = dict[str, Any]

_WHOLE = 128 * 1024  # elements: up to here an update in pieces takes longer than one of the whole


class Optimizer:
    """Base class for all optimizers.

    A subclass gives its options to ``super().__init__(params, defaults)`` and writes `init` and
    `update`; or it overrides `step` and works on `param_groups` and `state` as a subclass of
    torch's class would.

    Args:
        params: the parameters, or (name, parameter) pairs, or dicts that describe parameter
            groups with a key ``"params"`` and options that override the defaults.
        defaults: the options of groups that do not set their own.

    Attributes:
        param_groups: one dict a group: its ``"params"`` and its options; read anew at each step.
        state: parameter -> name -> Tensor.

    Raises:
        TypeError: for parameters that are no Tensors, or come in no fixed order.
        ValueError: for an empty list, a non-leaf, or a parameter in two groups.
        NotImplementedError: for `foreach`, `fused`, `capturable` or `differentiable` switched on.

    Example:
        >>> import numpy as np
        >>> import minitorch
        >>> class SignSGD(minitorch.optim.Optimizer):
        ...     def __init__(self, params, lr):
        ...         super().__init__(params, {"lr": lr})
        ...     def update(self, p, g, state, step, group):
        ...         p -= group["lr"] * np.sign(g)
        >>> w = minitorch.tensor([1.0, -1.0], requires_grad=True)
        >>> w.square().sum().backward()
        >>> SignSGD([w], lr=0.5).step()
        >>> w
        tensor([ 0.5000, -0.5000], requires_grad=True)
    """

    counts_steps = False  # whether a parameter's state has torch's "step", a 0-d float32 Tensor
    numbers: tuple[str, ...] = ()  # what else of it is one number, float32 unless it was loaded
    elementwise = True  # whether `update` may be called for a piece of a parameter

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = with_hooks(cls.__dict__["step"])  # type: ignore[method-assign]

    def __init__(self, params: ParamsT, defaults: Group) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {typename(params)}"
            )
        self.defaults = defaults
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self._step_pre_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self._step_post_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()

        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    # ------------------------------------------------------------------ what a subclass writes

    def init(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """Return the state of `p` before its first update, arrays of its shape, or nothing.

        ``zeros_like`` keeps the memory order. What `numbers` names is of shape () instead, and of
        any shape if the class is not `elementwise`.
        """
        return {}

    def update(
        self, p: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], step: float, group: Group
    ) -> None:
        """Change `p` and `state` in place; piece by piece if the class says `elementwise`.

        Args:
            p: the parameter, or a piece of it.
            g: its gradient; not to be changed.
            state: what `init` returned, as later updates left it.
            step: 1 at the parameter's first update. Where steps are not counted, 2 at every later
                one.
            group: the options, and the state that `numbers` names, as it was before the step.
        """
        raise NotImplementedError(f"{type(self).__name__} defines neither update() nor step()")

    def advance(self, numbers: Group, step: float, group: Group) -> Group:
        """Return the state that `numbers` names as it is after this step.

        Args:
            numbers: as it was before, NumPy's scalars.
            step: as in `update`.
            group: the options.
        """
        return numbers

    # ------------------------------------------------------------------ one step

    @with_hooks
    def step(self, closure: Closure | None = None) -> Any:
        """Update every parameter that has a gradient.

        Args:
            closure: clears the gradients, computes the loss, calls backward and returns the loss.

        Returns:
            What `closure` returned, or None.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p._grad is not None:
                    self._step_one(p, group)
        return loss

    def _step_one(self, p: Any, group: Group) -> None:
        state = self.state.get(p)
        step = 2.0
        if not state:
            state = self._start(p, group)
            step = 1.0
        if self.counts_steps:
            count = state["step"]._array
            step = count.item() + 1.0
            count[()] = step
        arrays = {name: value._array for name, value in state.items() if name != "step"}
        if self.numbers:
            numbers = {name: arrays.pop(name) for name in self.numbers}
            values = {name: number[()] for name, number in numbers.items()}
            for name, value in self.advance(values, step, group).items():
                numbers[name][()] = value
            group = {**group, **values}
        array, g = p._array, p._grad._array
        if array.size > _WHOLE and self.elementwise:
            blocks.walk(self.update, array, g, arrays, step, group)
        else:
            g = g if blocks.same_order(g, array) else blocks.copy_in_order(g, array)
            self.update(array, g, arrays, step, group)
        p._counter[0] += 1

    def _start(self, p: Tensor, group: Group) -> dict[str, Any]:
        """Make and keep the state of `p`."""
        arrays = self.init(p._array, group)
        for name, array in arrays.items():
            if self.elementwise and array.shape != p._array.shape and name not in self.numbers:
                raise ValueError(
                    f"{type(self).__name__}.init() returned {name!r} of shape {array.shape} for "
                    f"a parameter of shape {p._array.shape}: set elementwise = False for state of "
                    "other shapes"
                )
        state = {name: wrap(array) for name, array in arrays.items()}
        if self.counts_steps:
            state = {"step": wrap(np.zeros((), np.float32)), **state}
        if state:
            self.state[p] = state
        return state

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Args:
            set_to_none: False fills them with zeros instead: parameters that the next backward
                pass does not reach are then updated with a gradient of zero instead of being left
                alone.
        """
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    if p.grad.requires_grad:  # of a backward pass with create_graph
                        p.grad = p.grad.detach()
                    p.grad._array[...] = 0
                    p.grad._counter[0] += 1

    # ------------------------------------------------------------------ groups

    def add_param_group(self, param_group: Group) -> None:
        """Add a group of parameters: layers that are unfrozen in the middle of training, say.

        Args:
            param_group: ``"params"`` and the options that differ from the defaults.
        """
        complete_group(param_group, self.defaults, type(self).__name__)
        check_distinct(param_group, self.param_groups)
        self.param_groups.append(param_group)

    # ------------------------------------------------------------------ saving

    def state_dict(self) -> StateDict:
        """Return the state in torch's layout, parameters numbered in the order of the groups.

        Example:
            >>> import minitorch
            >>> w = minitorch.ones(2, requires_grad=True)
            >>> optimizer = minitorch.optim.SGD([w], lr=0.1, momentum=0.9)
            >>> w.sum().backward()
            >>> optimizer.step()
            >>> optimizer.state_dict()["state"]
            {0: {'momentum_buffer': tensor([1., 1.])}}
        """
        return pack(self.state, self.param_groups)

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Continue from a state that `state_dict` returned, here or in torch.

        The tensors are copied, into the type and memory order of the parameters. Of torch's
        `foreach`, `fused`, `capturable` and `differentiable`, which do not change the numbers,
        nothing is taken over.

        Args:
            state_dict: the saved state; Tensors or anything that NumPy can read.

        Raises:
            ValueError: if the groups, or a saved value and its parameter, do not match.
        """
        load: Any = any_state
        if type(self).step is Optimizer.step:
            load = self._load_state
        self.state, self.param_groups = unpack(state_dict, self.param_groups, self.defaults, load)

    def _load_state(self, values: dict[str, Any], p: Tensor) -> dict[str, Any]:
        shapes = {}
        if not self.elementwise:
            shapes = {n: state.shape for n, state in self.init(p._array, self.defaults).items()}
        return load_state(values, p, ("step", *self.numbers), shapes)

    # ------------------------------------------------------------------ hooks, repr

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before each step; it may return both anew."""
        return add_hook(self._step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after each step."""
        return add_hook(self._step_post_hooks, hook)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join(lines) + "\n)"

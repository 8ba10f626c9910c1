"""What operations do in this thread: the state that `minitorch.autograd.grad_mode` switches."""

from __future__ import annotations

import threading

GRAD, NO_GRAD, INFERENCE_MODE = 0, 1, 2


class _State(threading.local):
    mode = GRAD  # follows from the two switches below
    grad = True
    inference = False
    selective = False  # in a backward pass that asks for some gradients only


state = _State()

"""An interpreter of pickles that builds containers, and calls only what it is given.

A pickle is a program for a stack machine. This one knows the instructions that describe plain
values and containers; names of classes and functions are looked up in a table of the caller's, and
what is not there is refused by its name. No attribute is set and nothing is imported. Memory stays
in proportion to the size of the pickle, and so does time: a few bytes can describe a nest of tuples
that takes for ever to walk through, so that no value is printed, compared or hashed as a whole.

Reference: https://docs.python.org/3/library/pickletools.html
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from minitorch.serialization.words import fits, label, shown

FindGlobal = Callable[[str, str], Any]
LoadPersistent = Callable[[Any], Any]


class PickleError(ValueError):
    """What is wrong with a pickle, without the file's name."""


class Call:
    """A function that a pickle may call; every other value is data."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function


class _Mark:
    """Where a group of values begins on the stack."""


_MARK = _Mark()
_SIZED = (str, bytes, tuple, list, dict)
_MOST_PARTS = 4  # of a tuple that is a key


class Interpreter:
    """Runs one pickle.

    Args:
        data: the bytes that hold it.
        start: where it begins.
        find_global: turns a module and a name into a value, or a `Call`.
        load_persistent: turns a reference to something outside the pickle into a value.

    Attributes:
        position: after `run`, the first byte after the pickle.
    """

    def __init__(
        self,
        data: bytes,
        start: int,
        find_global: FindGlobal,
        load_persistent: LoadPersistent,
    ) -> None:
        self.position = start
        self._data = data
        self._find_global = find_global
        self._load_persistent = load_persistent
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._copies = 1_000 + 8 * len(data)  # how many values calls may copy in all

    def run(self) -> Any:
        """Return the value that the pickle describes.

        Raises:
            PickleError: if it is damaged, or asks for what is not in the table.
        """
        try:
            while True:
                code = self._data[self.position]
                self.position += 1
                if code == _STOP:
                    return self._pop()
                instruction = _INSTRUCTIONS.get(code)
                if instruction is None:
                    raise PickleError(f"it holds the instruction {code:#04x}, which is not allowed")
                instruction(self)
        except PickleError:
            raise
        except (IndexError, struct.error) as error:
            raise PickleError("it is truncated") from error
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"{type(error).__name__}: {label(str(error))}"
            raise PickleError(f"it is damaged: {reason}") from error

    # ------------------------------------------------------------------ bytes and stack

    def _take(self, count: int) -> bytes:
        taken = self._data[self.position : self.position + count]
        if len(taken) != count:
            raise PickleError("it is truncated")
        self.position += count
        return taken

    def _number(self, layout: str) -> Any:
        (value,) = struct.unpack_from(layout, self._data, self.position)
        self.position += struct.calcsize(layout)
        return value

    def _line(self) -> str:
        end = self._data.find(b"\n", self.position)
        if end < 0:
            raise PickleError("it is truncated")
        line = self._data[self.position : end]
        self.position = end + 1
        return line.decode()

    def _pop(self) -> Any:
        value = self._stack.pop()
        if value is _MARK:
            raise PickleError("it is damaged: a group is not closed")
        return value

    def _pop_group(self) -> list[Any]:
        """Return the values above the last mark, and take them and the mark off the stack."""
        stack = self._stack
        for index in range(len(stack) - 1, -1, -1):
            if stack[index] is _MARK:
                group = stack[index + 1 :]
                del stack[index:]
                return group
        raise PickleError("it is damaged: a group was never opened")

    def _top(self, kind: type) -> Any:
        value = self._stack[-1]
        if not isinstance(value, kind):
            raise PickleError(f"it is damaged: {type(value).__name__} in place of {kind.__name__}")
        return value

    # ------------------------------------------------------------------ instructions

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _protocol(self) -> None:
        protocol = self._number("<B")
        if protocol > 5:
            raise PickleError(f"it is of protocol {protocol}")

    def _drop_group(self) -> None:
        self._pop_group()

    def _remember(self, index: int) -> None:
        if self._stack[-1] is _MARK:
            raise PickleError("it is damaged: a mark is no value")
        self._memo[index] = self._stack[-1]

    def _long(self, layout: str) -> None:
        self._push(int.from_bytes(self._take(self._number(layout)), "little", signed=True))

    def _text(self, layout: str, encoding: str = "utf-8") -> None:
        self._push(self._take(self._number(layout)).decode(encoding, "surrogatepass"))

    def _blob(self, layout: str) -> None:
        self._push(self._take(self._number(layout)))

    def _tuple(self, count: int) -> None:
        values = [self._pop() for _ in range(count)]
        self._push(tuple(reversed(values)))

    def _append(self) -> None:
        value = self._pop()
        self._top(list).append(value)

    def _appends(self) -> None:
        values = self._pop_group()
        self._top(list).extend(values)

    def _set_item(self) -> None:
        value, key = self._pop(), self._pop()
        self._top(dict)[as_key(key)] = value

    def _set_items(self) -> None:
        group = self._pop_group()
        if len(group) % 2:
            raise PickleError("it is damaged: a key without a value")
        target = self._top(dict)
        for key, value in zip(group[::2], group[1::2], strict=True):
            target[as_key(key)] = value

    def _add_items(self) -> None:
        items = self._pop_group()
        self._top(set).update(map(as_key, items))

    def _dict(self) -> None:
        group = self._pop_group()
        if len(group) % 2:
            raise PickleError("it is damaged: a key without a value")
        self._push(dict(zip(map(as_key, group[::2]), group[1::2], strict=True)))

    def _global(self) -> None:
        module, name = self._line(), self._line()
        self._push(self._find_global(module, name))

    def _stack_global(self) -> None:
        name, module = self._pop(), self._pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise PickleError("it is damaged: a global's name is no text")
        self._push(self._find_global(module, name))

    def _call(self) -> None:
        arguments, target = self._pop(), self._pop()
        if not isinstance(target, Call) or not isinstance(arguments, tuple):
            raise PickleError(f"it calls a {type(target).__name__}, which is not allowed")
        self._copies -= sum(len(a) for a in arguments if isinstance(a, _SIZED))
        if self._copies < 0:
            raise PickleError("it makes the same values again and again")
        self._push(target.function(*arguments))

    def _build(self) -> None:
        """Take the one attribute that a `state_dict` has: the versions of its modules."""
        state, target = self._pop(), self._stack[-1]
        if not isinstance(target, OrderedDict) or not _is_metadata(state):
            raise PickleError(f"it sets attributes of {type(target).__name__}, which is refused")
        vars(target).update(state)

    def _persistent(self) -> None:
        self._push(self._load_persistent(self._pop()))


def as_key(key: Any) -> Hashable:
    """Return a key of a dict or an element of a set: a plain value, or a short tuple of such.

    Hashing a deep nest of tuples would overflow the C stack, and hashing a wide one or a number of
    a million digits again and again take for ever. So would keys that are made to collide.
    """
    parts = key if isinstance(key, tuple) and len(key) <= _MOST_PARTS else (key,)
    for part in parts:
        if isinstance(part, (tuple, list, dict, set, frozenset, Call)):
            raise PickleError(f"it has a key of type {type(key).__name__}, which is not allowed")
        if isinstance(part, int) and not fits(part):
            raise PickleError(f"it has {shown(part)} as a key, which is not allowed")
    return key


def _is_metadata(state: Any) -> bool:
    return isinstance(state, dict) and all(
        key == "_metadata" and isinstance(value, dict) for key, value in state.items()
    )


def _constant(value: Any) -> Callable[[Interpreter], None]:
    return lambda machine: machine._push(value)


_STOP = ord(".")
_INSTRUCTIONS: dict[int, Callable[[Interpreter], None]] = {
    0x80: Interpreter._protocol,
    0x95: lambda m: m._number("<Q"),  # the length of a frame says nothing new
    ord("("): _constant(_MARK),
    ord("0"): lambda m: m._stack.pop(),
    ord("1"): Interpreter._drop_group,
    ord("2"): lambda m: m._push(m._stack[-1]),
    # values
    ord("N"): _constant(None),
    0x88: _constant(True),
    0x89: _constant(False),
    ord("K"): lambda m: m._push(m._number("<B")),
    ord("M"): lambda m: m._push(m._number("<H")),
    ord("J"): lambda m: m._push(m._number("<i")),
    0x8A: lambda m: m._long("<B"),
    0x8B: lambda m: m._long("<I"),
    ord("G"): lambda m: m._push(m._number(">d")),
    ord("X"): lambda m: m._text("<I"),
    0x8C: lambda m: m._text("<B"),
    0x8D: lambda m: m._text("<Q"),
    ord("U"): lambda m: m._text("<B"),  # a text of Python 2
    ord("T"): lambda m: m._text("<I"),
    ord("C"): lambda m: m._blob("<B"),
    ord("B"): lambda m: m._blob("<I"),
    0x8E: lambda m: m._blob("<Q"),
    # containers
    ord("]"): lambda m: m._push([]),
    ord("}"): lambda m: m._push({}),
    ord(")"): _constant(()),
    0x8F: lambda m: m._push(set()),
    ord("l"): lambda m: m._push(m._pop_group()),
    ord("t"): lambda m: m._push(tuple(m._pop_group())),
    0x85: lambda m: m._tuple(1),
    0x86: lambda m: m._tuple(2),
    0x87: lambda m: m._tuple(3),
    ord("d"): Interpreter._dict,
    0x91: lambda m: m._push(frozenset(map(as_key, m._pop_group()))),
    ord("a"): Interpreter._append,
    ord("e"): Interpreter._appends,
    ord("s"): Interpreter._set_item,
    ord("u"): Interpreter._set_items,
    0x90: Interpreter._add_items,
    # what was seen before
    ord("q"): lambda m: m._remember(m._number("<B")),
    ord("r"): lambda m: m._remember(m._number("<I")),
    0x94: lambda m: m._remember(len(m._memo)),
    ord("h"): lambda m: m._push(m._memo[m._number("<B")]),
    ord("j"): lambda m: m._push(m._memo[m._number("<I")]),
    # names, calls, and what lies outside
    ord("c"): Interpreter._global,
    0x93: Interpreter._stack_global,
    ord("R"): Interpreter._call,
    0x81: Interpreter._call,
    ord("b"): Interpreter._build,
    ord("Q"): Interpreter._persistent,
}

"""Telling the C library to keep freed memory, so that large arrays cost no page faults."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # malloc.h
_KEEP = 1 << 30


def keep_memory() -> bool:
    """Make this process keep freed memory for reuse; return whether the C library could be told.

    A fresh large array is mapped page by page as it is first written, which takes longer than most
    operations on it. Linux with glibc only, process-wide, for good; elsewhere it does nothing. The
    price is that freed memory is not handed back to the system.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, _KEEP), (_M_TOP_PAD, 64 << 20))
    done = [mallopt(name, value) == 1 for name, value in settings]
    return all(done)

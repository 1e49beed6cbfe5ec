"""How arithmetic is compiled: `kernel` for what Python calls, `part` for what kernels call.

Most of a first call is compiling, and a good part of that are the doors by which Python and C could enter
each function. A kernel has the one and is kept on disk; a part has none. Division by zero is IEEE 754's.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

Arithmetic = TypeVar("Arithmetic", bound=Callable[..., Any])
_KERNEL: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}
_PART: dict[str, Any] = {
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


def kernel(arithmetic: Arithmetic) -> Arithmetic:
    """A function of arrays and numbers, compiled when it is called first, for what it is then given."""
    compiled: Arithmetic = numba.njit(arithmetic, **_KERNEL)
    return compiled


def part(arithmetic: Arithmetic) -> Arithmetic:
    """A function that kernels call and nobody else: a call from Python would end the process.

    It is compiled anew for each int of Python's that is written in a call, and once for all of numpy's.
    """
    compiled: Arithmetic = numba.njit(arithmetic, **_PART)
    return compiled

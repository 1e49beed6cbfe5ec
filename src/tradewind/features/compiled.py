"""How the arithmetic is compiled: `kernel` what Python calls, `part` what only kernels call.

Most of a first call is compiling, and half of that of a small function are the doors through which Python
and C could call it, which a part does not have. A division by zero gives what IEEE 754 says.
"""

import numba

kernel = numba.njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
part = numba.njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)

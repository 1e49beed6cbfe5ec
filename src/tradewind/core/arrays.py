"""What numbers lie in, by name, so that a signature says it in a word.

>>> def mean(closes: Floats) -> float: ...
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

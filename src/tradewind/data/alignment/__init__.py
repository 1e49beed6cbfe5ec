"""Markets that keep different hours, side by side as each was known: grids, views, tensors.

    grid            grids.py         the moments at which to decide, for calendars that differ
    align           aligning.py      panels at those moments -> AlignedView
    AlignedView     view.py          one row a moment and symbol: values, the bar's stamp, how long carried
    Tensor          tensor.py        the same as numbers and a mask, (T, N, F)
    publications    publications.py  when a calendar's sessions come out
    Newest          newest.py        which row each symbol is known by at each moment

A join by date puts New York's close of a day beside London's of the same day, four and a half hours
before it is known. Here a moment is given what was known at it, and told how old that is.
"""

from tradewind.data.alignment.aligning import align
from tradewind.data.alignment.grids import grid
from tradewind.data.alignment.tensor import Tensor
from tradewind.data.alignment.view import AlignedView

__all__ = ["AlignedView", "Tensor", "align", "grid"]

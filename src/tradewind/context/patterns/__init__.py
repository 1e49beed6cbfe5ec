"""Episodes in the bars of a symbol, at several scales, each with the moment at which it became known.

    MultiScalePatternDetector   detector.py    a panel -> its `Patterns`
    scales, walk                how long the bars are, and each as it stood when it was first known
    halts                       bars in which a price stands still, which are passed over
    pivots                      turning points, and the step by which all is measured
    classical, flags, breakouts figures of turning points; steep moves that pause; narrow ranges that are left
    sudden, swings              changes, bursts and gaps; moves that have turned
    embed                       embedding.py   128 numbers of the last bars: what to ask the library
    windows                     windows.py     stretches in which nothing need have happened
    resolve                     outcomes.py    what followed, once it is known
    profile                     profile.py     where in a series each of many shapes is

What is found in a panel that ends at a moment is what is found in a longer one up to that moment.
"""

from tradewind.context.patterns.detector import MultiScalePatternDetector
from tradewind.context.patterns.embedding import embed
from tradewind.context.patterns.outcomes import resolve
from tradewind.context.patterns.profile import profile
from tradewind.context.patterns.windows import windows

__all__ = ["MultiScalePatternDetector", "embed", "profile", "resolve", "windows"]

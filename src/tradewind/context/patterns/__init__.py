"""The patterns."""

from tradewind.context.patterns.detector import MultiScalePatternDetector
from tradewind.context.patterns.embedding import embed
from tradewind.context.patterns.outcomes import resolve
from tradewind.context.patterns.profile import profile

__all__ = ["MultiScalePatternDetector", "embed", "profile", "resolve"]

"""Families that read calendars, and of which symbols they read which."""

from tradewind.core.coarser import BY_SESSION
from tradewind.features.calendars import Calendars
from tradewind.features.coarser import Coarser, NamedFamily
from tradewind.features.families import KeptFamily, StepFamily
from tradewind.features.seasons.kept_calendars import SeasonsOfEach, seasonal_of
from tradewind.features.seasons.seasonal import Seasons


def keeping(family: KeptFamily, calendars: Calendars) -> KeptFamily:
    """The same family of symbols that keep these calendars; one that reads none is what it is.

    >>> from tradewind.features.registry import BARS, SEASONAL
    >>> kept = Calendars("XNYS", {"BTC": "24/7"})
    >>> keeping(BARS, kept) == BARS, calendars_of(keeping(SEASONAL, kept)) == kept
    (True, True)
    """
    steps = family.steps if isinstance(family, StepFamily) else None
    return seasonal_of(calendars) if isinstance(steps, Seasons) else family


def calendars_of(family: NamedFamily) -> Calendars | None:
    """Which calendars a family was given to read, if it reads any symbol's own."""
    if isinstance(family, Coarser):
        return family.calendars if family.every in BY_SESSION else calendars_of(family.longer)
    steps = family.steps if isinstance(family, StepFamily) else None
    return steps.calendars if isinstance(steps, SeasonsOfEach) else None

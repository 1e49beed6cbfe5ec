"""How families and features are named: `alpha158`, `RSV20`, and on longer bars `alpha158@1w`, `RSV20@1w`."""

from collections.abc import Iterable, Sequence
from typing import cast

from tradewind.core.coarser import Every
from tradewind.core.errors import Misuse, nearest
from tradewind.features.calendars import USUAL, Calendars
from tradewind.features.coarser import Coarser, NamedFamily
from tradewind.features.families import Family

AT = "@"


def family_named(
    name: str, families: Sequence[NamedFamily], calendars: Calendars = USUAL
) -> NamedFamily:
    """The family of this name, one of these or one of these on longer bars.

    >>> from tradewind.features.registry import FAMILIES
    >>> known = tuple(FAMILIES.values())
    >>> family_named("bars", known).name, family_named("bars@1w", known).specs[0].name
    ('bars', 'return_1_1w')
    >>> family_named("alpha185", known)
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: there is no family of features 'alpha185': did you mean 'alpha158'?
    """
    named = {family.name: family for family in families}
    of, at, every = name.partition(AT)
    if name in named or not at:
        of = name
    if of not in named:
        raise Misuse(f"there is no family of features {of!r}", nearest(of, named))
    return named[of] if of == name else Coarser(named[of], cast("Every", every), calendars)


def on_longer_bars(
    names: Iterable[str], families: Sequence[Family], calendars: Calendars = USUAL
) -> tuple[Coarser, ...]:
    """The families on longer bars that these names ask for and that are not there yet.

    >>> from tradewind.features.registry import FAMILIES
    >>> [family.name for family in on_longer_bars(["rsi_14@1h", "bars@1w"], [*FAMILIES.values()])]
    ['technical@1h', 'bars@1w']
    """
    there = {family.name for family in families}
    home = {spec.name: family for family in families for spec in family.specs}
    home |= {family.name: family for family in families}
    found = {}
    for name in names:
        of, at, every = name.partition(AT)
        if at and name not in there and of in home:
            family = Coarser(home[of], cast("Every", every), calendars)
            found[family.name] = family
    return tuple(one for one in found.values() if one.name not in there)


def feature_of(name: str) -> str:
    """The column in which a feature stands that is named.

    >>> feature_of("rsi_14"), feature_of("rsi_14@1h")
    ('rsi_14', 'rsi_14_1h')
    """
    return name.replace(AT, "_")

"""What a state is called: what it stands out in among the others; and that it keeps its name."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np

from tradewind.context.regimes.assigning import assign
from tradewind.context.regimes.chain import Chain
from tradewind.core.arrays import Floats
from tradewind.core.errors import BadConfig, nearest

NORMAL = "normal"
SAYS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "volatility": (("high_vol", 1.0), ("low_vol", -1.0)),
    "autocorrelation": (("trending", 2.0), ("mean_reverting", -2.0)),
    "illiquidity": (("illiquid", 1.0),),
    "liquidity": (("illiquid", -1.0),),
    "ssr": (("ssr_active", 1.0),),
    "luld": (("luld_active", 1.0),),
}
"""What a state is that has more of a trait, and less. Autocorrelation counts double: whatever measures it
of few bars is mostly noise, so the states lie closer together in it than in what they share."""

NAMES = tuple(dict.fromkeys(name for says in SAYS.values() for name, _ in says))
TELLS: Mapping[str, str] = {
    "*volatility*": "volatility",
    "*range*": "volatility",
    "*tsrv*": "volatility",
    "*bpv*": "volatility",
    "*abs_return*": "volatility",
    "*autocorrelation*": "autocorrelation",
    "*amihud*": "illiquidity",
    "*spread": "illiquidity",
    "*spread_bps*": "illiquidity",
    "*illiquidity*": "illiquidity",
    "liquidity*": "liquidity",
    "*ssr*": "ssr",
    "*limit_up*": "luld",
    "*limit_down*": "luld",
    "*luld*": "luld",
}
"""The trait that a feature tells, by its name; one that matches none has no part in naming."""

PLAIN = 0.2  # spreads from the usual below which a state is normal


def traits(features: Sequence[str], tells: Mapping[str, str]) -> tuple[str | None, ...]:
    """The trait that each feature tells, by what was said of it or else by its name.

    >>> traits(["volatility_20", "regime_amihud", "mine", "return_1"], {"mine": "autocorrelation"})
    ('volatility', 'illiquidity', 'autocorrelation', None)
    >>> traits(["mine"], {"mine": "volatile"})
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: no trait is named 'volatile': did you mean 'volatility'?
    """
    for trait in tells.values():
        if trait not in SAYS:
            raise BadConfig(f"no trait is named {trait!r}", nearest(trait, SAYS))
    for name in tells:
        if name not in features:
            raise BadConfig(f"no feature is named {name!r}", nearest(name, features))
    return tuple(tells.get(name) or _by_name(name) for name in features)


def _by_name(feature: str) -> str | None:
    found = (trait for pattern, trait in TELLS.items() if fnmatchcase(feature, pattern))
    return next(found, None)


def name_states(means: Floats, of: Sequence[str | None]) -> tuple[list[int], tuple[str, ...]]:
    """(order, names): states by how volatile they are, each named after what it stands out in.

    Each name is given once, so that together they fit best; who stands out in nothing is normal. Only the
    most volatile of all can be high_vol, and only the least low_vol.

    >>> means = np.array([[1.5, 0.9], [0.1, 2.5], [-0.8, -0.3], [0.0, 0.1]])
    >>> name_states(means, ["volatility", "illiquidity"])
    ([2, 3, 1, 0], ('low_vol', 'normal', 'illiquid', 'high_vol'))
    """
    worth = np.full((len(means), len(NAMES)), -np.inf)
    for trait, says in SAYS.items():
        told = [column for column, one in zip(means.T, of, strict=True) if one == trait]
        for name, sign in says if told else ():
            place = NAMES.index(name)
            fits = sign * np.mean(told, axis=0)
            if trait == "volatility":
                fits = np.where(fits == fits.max(), fits, -np.inf)
            worth[:, place] = np.maximum(worth[:, place], fits)
    order = [int(state) for state in np.argsort(_rank(means, of), kind="stable")]
    given = [NAMES[place] if place >= 0 else NORMAL for place in assign(worth[order], PLAIN)]
    return order, numbered(given)


def numbered(names: Sequence[str]) -> tuple[str, ...]:
    """Each name once: the second that is normal is normal_2.

    >>> numbered(["normal", "high_vol", "normal"])
    ('normal', 'high_vol', 'normal_2')
    """
    return tuple(
        name if name not in names[:place] else f"{name}_{names[:place].count(name) + 1}"
        for place, name in enumerate(names)
    )


def _rank(means: Floats, of: Sequence[str | None]) -> Floats:
    """(states,) what they are ordered by: their volatility, or the first feature where none tells it."""
    told = [column for column, one in zip(means.T, of, strict=True) if one == "volatility"]
    return np.asarray(np.mean(told, axis=0) if told else means[:, 0])


def same_states(before: Chain, now: Chain) -> list[int]:
    """The order in which the states now are those before, all in all the nearest.

    States are near whose means are, and whose spreads are, in the logarithm.
    """
    one, other = _signature(before), _signature(now)
    away = ((one[:, None] - other[None]) ** 2).sum(axis=2)
    return assign(-away)


def _signature(chain: Chain) -> Floats:
    spreads = np.diagonal(chain.covariances, axis1=1, axis2=2)
    return np.concatenate([chain.means, np.log(spreads) / 2], axis=1)

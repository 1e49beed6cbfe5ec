"""The families that come with tradewind, by name, and how to find a feature in them."""

from collections.abc import Iterable, Mapping

from tradewind.core.errors import Misuse, nearest
from tradewind.features import kernels, observed
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.across.cross_asset import Everybody, cross_asset
from tradewind.features.alpha158 import catalogue as alpha158_catalogue
from tradewind.features.alpha158 import kernel as alpha158
from tradewind.features.families import Family, KeptFamily, StepFamily, WindowFamily
from tradewind.features.realised import catalogue as realised_catalogue
from tradewind.features.realised import kernel as realised
from tradewind.features.realised import regime20
from tradewind.features.seasons.seasonal import seasonal
from tradewind.features.spec import FeatureSpec
from tradewind.features.technical import catalogue as technical_catalogue
from tradewind.features.technical import kernel as technical

BARS = WindowFamily(
    "bars",
    "returns, volatility, range and volume of the last 1 to 60 bars",
    kernels.INPUTS,
    kernels.SPECS,
    kernels.bar_features,
)
ALPHA158 = WindowFamily(
    "alpha158",
    "the shape of the bar, and 29 measures of the last 5, 10, 20, 30 and 60",
    alpha158.INPUTS,
    alpha158_catalogue.SPECS,
    alpha158.alpha158,
)
TECHNICAL = StepFamily(
    "technical",
    "the common indicators, each as a figure that compares across symbols",
    technical.INPUTS,
    technical_catalogue.SPECS,
    technical.stepped_on,
    technical.STATE,
)
REALISED = StepFamily(
    "realised",
    "variance, jumps, liquidity and limits, of a session and of the last 20 and 60 bars",
    realised.INPUTS,
    realised_catalogue.SPECS,
    realised.stepped_on,
    realised.STATE,
)
REGIME20 = StepFamily(
    "regime20",
    "what a regime is read from: 20 realised features, standardised by each symbol's own past",
    regime20.INPUTS,
    regime20.SPECS,
    regime20.standardised,
    regime20.STATE,
    of=REALISED,
)
OBSERVED = WindowFamily(
    "observed",
    "what regimes are told apart by: height, volume and spread of a bar, whether moves go on",
    observed.INPUTS,
    observed.SPECS,
    observed.observed,
)
SEASONAL = seasonal()
CROSS_ASSET = cross_asset(Everybody())
FAMILIES: Mapping[str, KeptFamily] = {
    family.name: family
    for family in (
        BARS,
        ALPHA158,
        TECHNICAL,
        REALISED,
        REGIME20,
        OBSERVED,
        CROSS_ASSET,
        MARKET_WIDE,
        SEASONAL,
    )
}


def spec_named(name: str, families: Iterable[Family] = tuple(FAMILIES.values())) -> FeatureSpec:
    """What a feature is.

    >>> spec_named("BETA20").units
    'ratio'
    """
    specs = {spec.name: spec for family in families for spec in family.specs}
    if name not in specs:
        raise Misuse(f"there is no feature {name!r}", nearest(name, specs))
    return specs[name]

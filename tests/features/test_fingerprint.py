"""Two definitions never have one fingerprint, and one definition has always the same."""

import inspect
import sys
from dataclasses import replace
from types import ModuleType

import polars as pl
import pytest

from tests.features.toys import SMOOTH
from tradewind.core.coarser import EVERY
from tradewind.features import kernels
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.across.cross_asset import Benchmark, Everybody, Groups, cross_asset
from tradewind.features.alpha158 import kernel as alpha158
from tradewind.features.calendars import Calendars
from tradewind.features.coarser import Coarser
from tradewind.features.expressions import family_of, feature
from tradewind.features.families import Family, KeptFamily
from tradewind.features.kept.fingerprint import COMPUTES, fingerprint, modules
from tradewind.features.registry import (
    ALPHA158,
    BARS,
    CROSS_ASSET,
    FAMILIES,
    OBSERVED,
    REALISED,
    REGIME20,
    SEASONAL,
    TECHNICAL,
)
from tradewind.features.seasons.seasonal import seasonal


def test_what_changes_a_value_changes_the_fingerprint() -> None:
    spec = BARS.specs[0]
    changed = [
        BARS,
        ALPHA158,
        SMOOTH,
        replace(BARS, name="bars2"),
        replace(BARS, inputs=("close",)),
        replace(BARS, kernel=alpha158.alpha158),
        *(
            replace(BARS, specs=(one, *BARS.specs[1:]))
            for one in (
                replace(spec, lookback=3),
                replace(spec, formula="c"),
                replace(spec, name="r"),
            )
        ),
    ]
    assert len({fingerprint(one) for one in changed}) == len(changed)


def test_whom_symbols_are_held_against_is_part_of_it_and_so_is_the_calendar() -> None:
    families = [
        MARKET_WIDE,
        cross_asset(Everybody()),
        cross_asset(Groups("group", {"A": "x"})),
        cross_asset(Groups("group", {"A": "y"})),
        seasonal("XNYS"),
        seasonal("24/7"),
    ]
    assert len({fingerprint(one) for one in families}) == len(families)
    assert fingerprint(cross_asset(Everybody())) == fingerprint(families[1])


def test_words_about_a_feature_do_not() -> None:
    other = replace(BARS, specs=(replace(BARS.specs[0], doc="said anew"), *BARS.specs[1:]))
    assert fingerprint(other) == fingerprint(BARS)


def test_the_text_of_an_expression_is_part_of_it() -> None:
    @feature(lookback=2, units="price")
    def mine(close: pl.Expr) -> pl.Expr:
        """It."""
        return close + close.shift(1)

    first = family_of("own", [mine])

    @feature(lookback=2, units="price")
    def mine(close: pl.Expr) -> pl.Expr:
        """It."""
        doubled = 2 * close
        return close + close.shift(1) + 0 * doubled

    assert fingerprint(family_of("own", [mine])) != fingerprint(first)


def test_the_files_in_which_a_market_is_summed_are_part_of_it() -> None:
    names = {
        module.__name__ for module in modules("tradewind.features.across.cross_asset", COMPUTES)
    }
    assert {
        f"tradewind.features.across.{name}" for name in ("moves", "together", "spells")
    } <= names


def test_the_files_that_a_kernel_takes_functions_from_are_part_of_it() -> None:
    names = [module.__name__ for module in modules(kernels.__name__, COMPUTES)]
    room = "tradewind.features"
    assert names == [f"{room}.compiled", f"{room}.kernels", f"{room}.spec"]


def reached(name: str) -> set[str]:
    """The modules of this room that stand, or of which a function stands, among the names of a module."""
    found, ahead = set[str](), [name]
    while ahead:
        here = ahead.pop()
        if here.startswith("tradewind.features.") and here not in found:
            found.add(here)
            for value in vars(sys.modules[here]).values():
                home = value.__name__ if isinstance(value, ModuleType) else None
                ahead.append(home or getattr(value, "__module__", None) or "")
    return found


KERNELS = {
    **{family.name: family.kernel.__module__ for family in (BARS, ALPHA158, OBSERVED)},
    **{
        family.name: family.steps.__module__ for family in (TECHNICAL, REALISED, REGIME20, SEASONAL)
    },
    **{family.name: family.among.__module__ for family in (CROSS_ASSET, MARKET_WIDE)},
}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_a_change_in_any_file_that_a_family_is_computed_by_changes_its_fingerprint(
    family: KeptFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, text = fingerprint(family), inspect.getsource
    computed_by = reached(KERNELS[family.name])
    assert KERNELS[family.name] in computed_by
    for changed in computed_by:

        def getsource(module: ModuleType, changed: str = changed) -> str:
            return text(module) + "# changed" * (module.__name__ == changed)

        monkeypatch.setattr("tradewind.features.kept.fingerprint.inspect.getsource", getsource)
        assert fingerprint(family) != before, changed


def test_the_kernel_of_the_realised_features_and_its_measures_are_part_of_the_regime_input() -> (
    None
):
    names = {
        module.__name__ for module in modules("tradewind.features.realised.regime20", COMPUTES)
    }
    parts = ("compiled", "realised.kernel", "realised.measures", "realised.volume_profile")
    assert {f"tradewind.features.{name}" for name in parts} < names


def test_of_longer_bars_how_long_they_are_and_how_they_are_gathered_is_part_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weekly, text = Coarser(BARS, "1w"), inspect.getsource
    before = fingerprint(weekly)
    assert len({before, *(fingerprint(Coarser(BARS, every)) for every in EVERY)}) == len(EVERY)
    assert fingerprint(Coarser(BARS, "1w", Calendars("24/7"))) == before  # kept beside the values

    def getsource(module: ModuleType) -> str:
        return text(module) + "# changed" * (module.__name__ == "tradewind.core.coarser")

    monkeypatch.setattr("tradewind.features.kept.fingerprint.inspect.getsource", getsource)
    assert fingerprint(weekly) != before


def test_families_of_a_whole_market_and_of_the_calendar_have_one_too() -> None:
    sectors = Groups("sector", {"A": "food", "B": "rail"})
    families: list[Family] = [
        CROSS_ASSET,
        cross_asset(Benchmark("A")),
        cross_asset(sectors),
        cross_asset(replace(sectors, of={"A": "rail"})),
        MARKET_WIDE,
        SEASONAL,
        seasonal("24/7"),
        Coarser(BARS, "1w"),
        Coarser(replace(BARS, kernel=alpha158.alpha158), "1w"),
    ]
    assert len({fingerprint(family) for family in families}) == len(families)
    assert fingerprint(cross_asset(Everybody())) == fingerprint(CROSS_ASSET)

"""`compute`: the features of every bar of a snapshot, as one table."""

import os
from collections.abc import Iterable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import numpy as np
import polars as pl

from tradewind.core import Market, Panel, Snapshot
from tradewind.core.arrays import Floats
from tradewind.core.errors import BadTable, Misuse, nearest
from tradewind.core.tables import micros, physical
from tradewind.features.coarser import Coarser
from tradewind.features.families import CarriedFamily, Family
from tradewind.features.naming import feature_of, on_longer_bars
from tradewind.features.registry import FAMILIES
from tradewind.features.runs import Runs
from tradewind.features.seen import Seen, bars_of

KEYS = ("symbol", "timestamp")
AT_ONCE = 50_000  # rows that are computed together


def compute(
    snapshot: Snapshot | Panel,
    wanted: str | Iterable[str],
    families: Iterable[Family] = tuple(FAMILIES.values()),
) -> pl.DataFrame:
    """The features of a family, or those of these names, for each bar from the bars up to it.

    A row for each row of the snapshot, in its order; null where there is no value. A panel without
    revisions is taken as its own snapshot.

    >>> panel = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": [1.0, 2.0]}))
    >>> compute(panel, ["return_1"]).select("symbol", pl.col("return_1").round(6)).rows()
    [('ACME', None), ('ACME', 0.693147)]
    >>> compute(panel, "alpha158").width
    160

    On longer bars a family is named `bars@1w`, and a feature `return_1@1w`. Sessions are those of New York;
    of other calendars the families are given:

    >>> from tradewind.features.seasons.seasonal import seasonal
    >>> compute(panel, "days_to_session", [seasonal("24/7")])["days_to_session"].to_list()
    [1.0, 1.0]
    """
    panel, names = _as_it_stands(snapshot), _names(wanted)
    known = tuple(families)
    homes = _homes(names, (*known, *on_longer_bars(names, known)))
    columns = [
        _columns(family, panel, {name for name in homes if homes[name] is family})
        for family in dict.fromkeys(homes.values())
    ]
    table = pl.concat([panel.table.select(KEYS), *columns], how="horizontal")
    return table.select(*KEYS, *homes)


def _names(wanted: object) -> list[str]:
    """What is asked for, by name."""
    names = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else [*wanted]
    if not names:
        raise Misuse("nothing is asked for", "name a family or a feature")
    if odd := [name for name in names if not isinstance(name, str)]:
        raise Misuse(f"{odd[0]!r} is no name", "name a family or a feature")
    return [str(name) for name in names]


def _as_it_stands(snapshot: object) -> Panel:
    """The rows of a snapshot, each known as soon as its bar is complete: what is asked is not when."""
    if isinstance(snapshot, Market):
        raise Misuse("a Market has several panels", "give its bars: market.panel")
    if not isinstance(snapshot, Panel | Snapshot):
        rule = f"features are computed of a Panel or a Snapshot, not of a {type(snapshot).__name__}"
        raise Misuse(rule, "read it first: Panel.from_frame(frame)")
    if isinstance(snapshot, Panel) and snapshot.revised:
        raise BadTable(
            f"the panel has {snapshot.revised:,} revisions, and so many values for some bars",
            "say as of when: panel.as_of(when)",
        )
    return Panel(snapshot.table.with_columns(known_at=pl.col("timestamp")))


def _homes(names: Sequence[str], families: Sequence[Family]) -> dict[str, Family]:
    """The family of each feature that is named, or whose family is."""
    named = {family.name: family for family in families}
    home = {spec.name: family for family in families for spec in family.specs}
    found: dict[str, Family] = {}
    for name in names:
        feature = feature_of(name)
        if name not in named and feature not in home:
            raise Misuse(f"no feature or family is named {name!r}", nearest(name, [*named, *home]))
        features = [spec.name for spec in named[name].specs] if name in named else [feature]
        found.update((feature, home[feature]) for feature in features)
    return found


def _columns(family: Family, panel: Panel, names: Set[str]) -> pl.DataFrame:
    """These features of a family; what reads each symbol by itself reads several of them side by side."""
    if isinstance(family, Coarser):
        longer = family.bars_asked_for(panel)
        values = _columns(family.longer, longer, names)
        return values.select(pl.all().gather(_newest_by(longer, panel)))
    if not isinstance(family, CarriedFamily):
        return _table(family, _among_all(family, panel), names)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = pool.map(partial(_one_by_one, family), _by_symbols(panel))
        return pl.concat([_table(family, values, names) for values in parts])


def _table(family: Family, values: Floats, names: Set[str]) -> pl.DataFrame:
    """A column lies where its values lie, and holds on to all of them: so what is not wanted is left."""
    wanted = [place for place, spec in enumerate(family.specs) if spec.name in names]
    rows = values if len(wanted) == len(values) else values[wanted]
    return pl.DataFrame(
        [
            pl.Series(family.specs[place].name, row, nan_to_null=True)
            for place, row in zip(wanted, rows, strict=True)
        ]
    )


def _one_by_one(family: CarriedFamily, panel: Panel) -> Floats:
    """(features, rows), each symbol from its first bar to its last."""
    rows = np.arange(len(panel))
    begins = np.flatnonzero(np.diff(physical(panel.table["symbol"]), prepend=-1))
    runs = Runs(
        rows,
        np.append(begins, len(rows)),
        np.full(len(begins), -1),
        np.full(len(rows), -1),
        np.empty((0, 0), dtype=np.int64),
    )
    bars = bars_of(panel, family.inputs, rows)
    return family.resumed(bars, runs, np.empty((0, family.state)))


def _among_all(family: Family, panel: Panel) -> Floats:
    """(features, rows), each at the moment when its own bar is complete."""
    seen = Seen(panel, panel.moments)
    moments = np.searchsorted(np.unique(stamps := micros(panel.table["timestamp"])), stamps)
    own = moments[seen.newest] == seen.moment
    out = np.empty((len(family.specs), len(panel)))
    out[:, seen.newest[own]] = family.values(seen)[:, own]
    return out


def _newest_by(longer: Panel, panel: Panel) -> pl.Series:
    """For each row of a panel the row of the longer bar of its symbol that was complete last; null where
    none was."""
    keys = longer.table.select("symbol", "timestamp").with_row_index("newest")
    rows = panel.table.select("symbol", "timestamp")
    return rows.join_asof(keys, on="timestamp", by="symbol", check_sortedness=False)["newest"]


def _by_symbols(panel: Panel) -> list[Panel]:
    """Whole symbols, a part of some rows after the other; of no rows, one part of none."""
    sizes = panel.table["symbol"].rle().struct.field("len").to_numpy()
    ends = np.cumsum(sizes)
    part = (ends - 1) // AT_ONCE
    cuts = [0, *ends[np.flatnonzero(np.diff(part))].tolist(), len(panel)]
    return [Panel(panel.table[begin:end]) for begin, end in pairwise(cuts)]

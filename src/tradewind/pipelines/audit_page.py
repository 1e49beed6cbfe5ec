"""docs/causality.md: what the audit finds of leaks that are known, in functions and in columns."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import polars as pl

from tradewind.core import stream
from tradewind.data.quality.judgement import markdown
from tradewind.data.synthetic import make_market
from tradewind.data.synthetic.leaks import CATALOGUE as PLANTED
from tradewind.evaluation.causality.catalogue import HONEST, LEAKY
from tradewind.evaluation.causality.columns import foreknowing
from tradewind.evaluation.causality.judgement import judge

PERIODS = 500
OURS = ("open", "high", "low", "close", "volume", "signal", "trend", "calm", "level", "raised")


def frames_of(symbols: int, periods: int, seed: int) -> Mapping[str, pl.DataFrame]:
    """Bars of a made market in three forms: as they are, with reports among them, with corrections."""
    bars = _bars(symbols, periods, seed, plants=())
    return {
        "bars": bars.drop("known_at"),
        "reports": pl.concat([bars, _reports(bars)], how="diagonal").sort("symbol", "known_at"),
        "revised": _bars(symbols, periods, seed, plants=("revisions",)),
    }


def judge_columns(kind: str, symbols: int, periods: int, seeds: Iterable[int]) -> pl.DataFrame:
    """For each planted leak, as the catalogue blurs it: in how many markets its column is told, and by
    which sign; and how often columns are told that know nothing.

    >>> told = judge_columns("crypto", 5, 300, range(1))
    >>> told.filter(column="full_sample_scaling").select("told", "sign").row(0)
    (1, 'whole_sample')
    """
    rows = []
    for seed in seeds:
        panel = make_market(
            kind, symbols, periods, seed=seed, plants=["signal"], leaks=[*PLANTED]
        ).panel
        panel = type(panel)(panel.table.with_columns(**_honest()))
        planted = [f"leak_{name}" for name in PLANTED]
        signs = {one.where: one.check for one in foreknowing(panel, [*planted, *OURS])}
        for name in (*planted, *OURS):
            sign = signs.get(name, "").removeprefix("columns.")
            rows.append({"column": name.removeprefix("leak_"), "told": bool(sign), "sign": sign})
    return (
        pl.DataFrame(rows)
        .group_by("column", maintain_order=True)
        .agg(pl.len().alias("markets"), pl.col("told").sum(), pl.col("sign").max())
    )


def page() -> str:
    """docs/causality.md."""
    rng = stream(4, "page")
    alone = [frames_of(1, PERIODS, seed) for seed in range(20)]
    several = [frames_of(10, PERIODS, seed) for seed in range(10)]
    leaky = judge(LEAKY, alone, rng)
    among = judge(LEAKY, several, rng).drop("what it does")
    honest = [judge(HONEST, bars, rng) for bars in (alone, several)]
    accused = honest[0].select(
        "function", "what it does", one="within_20", ten=honest[1]["within_20"]
    )
    columns = judge_columns("equity", 30, 750, range(10))
    return PAGE.format(
        leaky=_told(leaky),
        among=_told(among),
        honest=_told(accused),
        columns=_told(columns.head(len(PLANTED))),
        others=_told(columns.tail(len(OURS))),
    )


def _told(table: pl.DataFrame) -> str:
    return markdown(table.rename(lambda name: name.replace("_", " "))).replace(
        "None", "none found it"
    )


def _bars(symbols: int, periods: int, seed: int, plants: tuple[str, ...]) -> pl.DataFrame:
    table = make_market("equity", symbols, periods, seed=seed, plants=plants).panel.table
    names = ("symbol", "timestamp", "known_at", "open", "high", "low", "close", "volume")
    return table.select(names).with_columns(pl.col("symbol").cast(pl.String))


def _reports(bars: pl.DataFrame) -> pl.DataFrame:
    """A figure of every 40th bar, published 20 days later."""
    rows = bars.filter(pl.int_range(pl.len()).over("symbol") % 40 == 39)
    late = pl.col("timestamp") + timedelta(days=20)
    return rows.select("symbol", "timestamp", known_at=late, figure=pl.col("close") / 10)


def _honest() -> dict[str, pl.Expr]:
    """Columns such as people bring, each from the past of its own symbol."""
    price = pl.col("close").log()
    move = price.diff()
    columns = {
        "trend": price - price.shift(20),
        "calm": -move.rolling_std(20),
        "level": price,
        "raised": (move.abs() > 3 * move.rolling_std(20).shift(1)).cast(pl.Int8),
    }
    return {name: value.over("symbol").fill_nan(None) for name, value in columns.items()}


PAGE = """\
# What the causality audit finds

`tradewind audit function DATA FILE.py:FUNCTION` asks a function about data whose future is taken away
(`removed`) or turned to plausible noise (`replaced`) after a cut; nothing up to the cut, its last row
included, may change. `tradewind audit features` asks the same of every registered feature, at every moment
of a market of which 5 % of the bars are corrected later and one in 25 moves as prices seldom do, and of
those that the workspace's files declare; it holds each to the symbol that it claims and to the lookback, as
far as the made bars go back (up to 1,480): a longer one is named, as not tried. The exit code is 0 where all is causal, 1 where something leaks or is not what it claims,
2 where it could not be told. A column that never has a finite value is named beside the verdict on the others;
where nothing that the function adds has one, it could not be told.

A row counts as known at its `known_at`, where the data has one, else at its own stamp. A leak is traced by
halves to the first value that depends on its future and to the later row that it depends on. A column that
is another when asked for twice is called random, and neither leaking nor causal. With `--page` the audit is
told with pictures, among the reports of the workspace or else in a folder `audit`. This page is written by

    python -c "from tradewind.pipelines.audit_page import page; print(page(), end='')" > docs/causality.md

## Functions that leak

Each function is tried on 500 bars of a made market. `removed` and `replaced` are the shares of single cuts
that show the leak, `within 5` the share of audits of 5 cuts that do; the last column is how many cuts find
it in 95 of 100 audits. By default there are as many cuts as show 400,000 rows, from 20 of large data to
300 of small: these 500 bars are cut 300 times. Cuts crowd towards the beginning, where warm-ups are
filled, and the first is always the last but one moment. One symbol, the hardest case, 20 markets:

{leaky}

Ten symbols, 10 markets:

{among}

What these tables teach. What differs in the newest row alone is seen by taking the future away and by
nothing else; a leak that acts on rare moves alone is seen by garbling it and next to never by truncation,
whose chance at a cut is that of the event. The rarer what it waits for, the more cuts: `hundredth` is seen
at one moment in a hundred and at no other, so ask about little data with many cuts, not the reverse.
A function is loaded anew for each question, with the modules beside its file, or what it keeps of the
whole data, as `fitted_once` and `remembered` do, would answer for it ever after; what it keeps in files or
in a running server the audit cannot take from it. What is written into the code, or read from a file, is in no
data, so no audit can see that it knows the future: a column that is the same whatever the data says is told
(`causality.elsewhere`); look at it.

## Functions that do not

The share of audits (20 cuts) that accuse a function that does not leak, with one symbol and with ten:

{honest}

## Columns that leak

What lies in a column of the data was computed by somebody who cannot be asked again, and no audit of a
function sees it. `tradewind.evaluation.causality.columns.foreknowing` looks for signs: news in the column
that foretells returns as nobody's does, a flag on just the right days, a scale that only the whole sample
gives. `tradewind up` asks it of every column that came with the data, and of what alternative sources tell,
and a sign is an error there. Planted leaks as the catalogue blurs them, in markets of 30 symbols and 750 days:

{columns}

`restated_value` changes four times a year, so its sign needs some 150 publications (symbols times
quarters). `identity_fingerprint` knows nothing of the future; a test on symbols that were not trained on
tells it. `smoothed_regime` gives itself away by no sign we know: its values are those of a good filter a
few bars early; where a function computes it, the audit of the function does tell. Columns that know
nothing, in the same markets:

{others}

Nor was any of them told in 40 markets (20 symbols, 500 bars, 5 % of them corrected) of each kind: equity,
etf, crypto, fx and property.
"""

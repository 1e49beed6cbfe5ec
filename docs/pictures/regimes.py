"""Draw the rule labels of a made market under its price: `python docs/pictures/regimes.py`.

The lowest ribbon is what was planted, which no label has seen.
"""

from pathlib import Path
from xml.etree.ElementTree import Element

import polars as pl

from tradewind.context.rule_labels import generate_regime_labels
from tradewind.core.tables import floats, micros
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.across.sectors import with_sector
from tradewind.features.bars import BarFeatures
from tradewind.features.liquidity import with_liquidity
from tradewind.reporting.axes import Scale, log_bounds, log_ticks, time_ticks
from tradewind.reporting.svg import Drawing

HERE = Path(__file__).parent
WIDTH, LEFT, TOP, BOTTOM, RIBBON = 900.0, 110.0, 24.0, 200.0, 14.0
RIBBONS = {
    "volatility": ("market_volatility", ("low", "normal", "high")),
    "liquidity": ("market_liquidity", ("high", "normal", "low")),
    "rotation": ("rotation", ("leading", "neutral", "lagging")),
    "planted": ("regime", ("calm", "trending", "mean_reverting", "volatile", "illiquid")),
}
SHADES = {3: ("good", "some", "bad"), 5: ("good", "some", "mid", "bad", "worst")}
STYLE = """
.price { fill: none; stroke: #3b5b92; stroke-width: 1.2 } .grid { stroke: #d5d8dd }
text { font: 12px system-ui, sans-serif; fill: #555b66 }
.good { fill: #9fc5a8 } .some { fill: #e6e2d3 } .mid { fill: #cdb9d9 } .bad { fill: #d98c6a }
.worst { fill: #8c4a5c }
@media (prefers-color-scheme: dark) { text { fill: #b8bec9 } .grid { stroke: #3a3f47 }
.price { stroke: #8fb0e6 } .some { fill: #4a4a45 } .good { fill: #4d7d5a } }
"""


def labelled() -> pl.DataFrame:
    """Each moment of one symbol: its close as first known, the labels then, and the truth."""
    market = make_market("equity", 12, 750, seed=7, plants=[Revisions(0.05)])
    rows = with_liquidity(BarFeatures()(market, market.panel.moments), market)
    labels = generate_regime_labels(with_sector(rows, market)).table
    first = market.panel.table.filter(~pl.Series(market.panel.corrections))
    table = labels.join(first.select("symbol", "timestamp", "close"), ["symbol", "timestamp"])
    table = table.join(market.truth.regimes, "timestamp", maintain_order="left")
    return table.filter(pl.col("symbol") == market.panel.symbols[0])


def draw(table: pl.DataFrame) -> Drawing:
    """The price over its ribbons."""
    height = BOTTOM + 36 + 2 * RIBBON * len(RIBBONS)
    said = "A price, and below it the regimes that were known at each moment and those planted."
    drawing = Drawing(WIDTH, height, "Regimes by rule", said)
    style = Element("style")
    style.text = STYLE
    drawing.root.insert(0, style)
    stamps, close = micros(table["timestamp"]).astype(float), floats(table["close"])
    x = Scale(stamps[0], stamps[-1], LEFT, WIDTH - 8)
    low, high = log_bounds(close.min(), close.max())
    y = Scale(low, high, BOTTOM, TOP, log=True)
    for tick in log_ticks(low, high, 5):
        drawing.line(LEFT, y.at(tick), WIDTH - 8, y.at(tick), "grid")
        drawing.text(LEFT - 8, y.at(tick) + 4, f"{tick:g}", "tick", "end")
    drawing.curve(x.along(stamps), y.along(close), "price")
    for place, (name, (column, order)) in enumerate(RIBBONS.items()):
        ribbon(drawing, table, column, order, x, BOTTOM + 16 + 2 * RIBBON * place)
        drawing.text(LEFT - 8, BOTTOM + 27 + 2 * RIBBON * place, name, "label", "end")
    for when, label in time_ticks(table["timestamp"][0], table["timestamp"][-1], 8):
        across = x.at(float(when.timestamp() * 1e6))
        drawing.text(across, height - 4, label, "tick", "middle")
    return drawing


def ribbon(
    drawing: Drawing, table: pl.DataFrame, column: str, order: tuple[str, ...], x: Scale, top: float
) -> None:
    """One rectangle for as long as a label stays; nothing where it is unknown."""
    shades = dict(zip(order, SHADES[len(order)], strict=True))
    runs = (
        table.select("timestamp", label=pl.col(column).cast(pl.String))
        .with_columns(
            run=pl.col("label").rle_id(),
            end=pl.col("timestamp").shift(-1, fill_value=table["timestamp"].max()),
        )
        .group_by("run", "label", maintain_order=True)
        .agg(pl.col("timestamp").first(), pl.col("end").last())
    )
    for row in runs.filter(pl.col("label").is_in(order)).iter_rows(named=True):
        left, right = (x.at(row[end].timestamp() * 1e6) for end in ("timestamp", "end"))
        drawing.rect(
            left, top, right - left, RIBBON, shades[row["label"]], f"{column}: {row['label']}"
        )


def main() -> None:
    drawing = draw(labelled())
    drawing.root.set("xmlns", "http://www.w3.org/2000/svg")
    (HERE / "regimes.svg").write_text(f"{drawing}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

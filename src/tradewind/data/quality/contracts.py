"""What tables from outside must be, as data: to be checked, and to be shown to whoever delivers them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "number", "whole", "moment"]


@dataclass(frozen=True)
class Field:
    """One column of a contract: its kind, whether it must be there and filled, and which values it may
    have."""

    name: str
    kind: Kind
    means: str
    required: bool = True
    nullable: bool = False
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """
        >>> Field("price", "number", "", above=0).rule
        'number, above 0'
        """
        limits = (("above", self.above), ("at least", self.at_least), ("at most", self.at_most))
        told = [f"{word} {value:g}" for word, value in limits if value is not None]
        told += ["one of " + ", ".join(self.one_of)] if self.one_of else []
        told += ["may be null"] if self.nullable else []
        told += [] if self.required else ["may be absent"]
        return ", ".join([self.kind, *told])


@dataclass(frozen=True)
class Contract:
    """One table: its columns, the key that no two rows share, the order of its rows within the key's
    first column, and the columns that must be found in another table."""

    table: str
    means: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    refers: Mapping[str, str] = field(default_factory=dict)  # column -> "table.column"


ASSET = Field("asset_id", "whole", "the instrument, as in assets", at_least=0)
WHEN = Field("timestamp", "moment", "when the row's period was complete")
KNOWN = Field("known_at", "moment", "when it could be known", required=False)
OF_ASSETS = {"asset_id": "assets.asset_id"}


def _price(name: str, means: str, *, required: bool = False) -> Field:
    return Field(name, "number", means, required=required, nullable=not required)


CONTRACTS: Mapping[str, Contract] = {
    contract.table: contract
    for contract in (
        Contract(
            "assets",
            "the instruments",
            (
                ASSET,
                Field("symbol", "text", "its name"),
                Field("kind", "text", "equity, etf, crypto, fx, property ...", False, True),
                Field("sector", "text", "its group among its kind", False, True),
            ),
            key=("asset_id",),
        ),
        Contract(
            "series",
            "bars, one version a row",
            (
                ASSET,
                WHEN,
                KNOWN,
                _price("open", "first price of the period"),
                _price("high", "highest price"),
                _price("low", "lowest price"),
                Field("close", "number", "last price", nullable=True),
                Field("volume", "number", "what was traded", False, True, at_least=0),
            ),
            key=("asset_id", "timestamp", "known_at"),
            refers=OF_ASSETS,
        ),
        Contract(
            "indicators",
            "values computed or delivered beside the bars",
            (
                ASSET,
                WHEN,
                KNOWN,
                Field("indicator", "text", "its name"),
                Field("value", "number", "its value", nullable=True),
            ),
            key=("asset_id", "timestamp", "indicator", "known_at"),
            refers=OF_ASSETS,
        ),
        Contract(
            "regimes",
            "the state of the market, or of one instrument",
            (
                Field("asset_id", "whole", "the instrument; absent for the market", False, True),
                WHEN,
                KNOWN,
                Field("regime", "text", "its name"),
                Field("probability", "number", "how sure", False, True, at_least=0, at_most=1),
            ),
            key=("asset_id", "timestamp", "regime", "known_at"),
            refers=OF_ASSETS,
        ),
        Contract(
            "trades",
            "what was bought and sold",
            (
                ASSET,
                WHEN,
                Field("trade_id", "text", "its number"),
                Field("side", "text", "its direction", one_of=("buy", "sell")),
                Field("quantity", "number", "how much", above=0),
                Field("price", "number", "at which price"),
                Field("fee", "number", "what it cost", required=False, nullable=True),
            ),
            key=("trade_id",),
            refers=OF_ASSETS,
        ),
        Contract(
            "benchmarks",
            "what results are held against",
            (
                Field("benchmark", "text", "its name"),
                WHEN,
                KNOWN,
                Field("close", "number", "its level", above=0),
            ),
            key=("benchmark", "timestamp", "known_at"),
        ),
        Contract(
            "alternative",
            "side tables: macro, funding, sentiment, fundamentals",
            (
                Field("source", "text", "who publishes it"),
                Field("field", "text", "what it is"),
                Field("asset_id", "whole", "the instrument; null where it is of all", False, True),
                WHEN,
                Field("known_at", "moment", "when it was published"),
                Field("value", "number", "its value", nullable=True),
            ),
            key=("source", "field", "asset_id", "timestamp", "known_at"),
            refers=OF_ASSETS,
        ),
        Contract(
            "cross_asset",
            "an aligned view: one value a moment, instrument and column",
            (
                Field("view", "text", "its name"),
                WHEN,
                ASSET,
                Field("column", "text", "what is valued, such as close", required=False),
                Field("value", "number", "the value as known then", nullable=True),
                Field("fill", "whole", "for how many rows it was carried on", False, at_least=0),
            ),
            key=("view", "timestamp", "asset_id", "column"),
            refers=OF_ASSETS,
        ),
    )
}


def contract_reference() -> str:
    """Every contract as Markdown, for those who deliver tables.

    >>> print(contract_reference().partition(" at least")[0])
    ## assets
    The instruments. Key: `asset_id`.
    <BLANKLINE>
    | column | rule | what it is |
    |---|---|---|
    | `asset_id` | whole,
    """
    return "\n\n".join(_section(contract) for contract in CONTRACTS.values()) + "\n"


def _section(contract: Contract) -> str:
    refers = "".join(f" `{one}` is one of `{other}`." for one, other in contract.refers.items())
    key = ", ".join(f"`{name}`" for name in contract.key)
    head = f"{contract.means[0].upper()}{contract.means[1:]}. Key: {key}.{refers}"
    rows = [f"| `{one.name}` | {one.rule} | {one.means} |" for one in contract.fields]
    table = ["| column | rule | what it is |", "|---|---|---|", *rows]
    return "\n".join([f"## {contract.table}", head, "", *table])

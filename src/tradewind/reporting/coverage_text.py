"""`summary(coverage)`: the same in plain lines, a table a line and what is odd below it."""

from collections.abc import Iterator, Sequence

from tradewind.reporting.coverage import Coverage, TableCoverage
from tradewind.reporting.coverage_page import gap_words, rare, told
from tradewind.reporting.figures import percent
from tradewind.reporting.terminal import printable
from tradewind.reporting.verdict import gravest_first

WORST = 5
HEAD = (
    "table",
    "version",
    "rows",
    "corrected",
    "symbols",
    "first",
    "last",
    "sessions",
    "of",
    "gaps",
)


def summary(coverage: Coverage) -> str:
    """What is there, for a terminal; never an escape code."""
    return "\n".join(printable(line) for line in _told(coverage))


def _told(coverage: Coverage) -> Iterator[str]:
    yield f"{coverage.workspace}: {told(coverage)}"
    yield from columns([HEAD, *map(_row, coverage.tables)]) if coverage.tables else ()
    for table in coverage.tables:
        yield from _odd(table)
    yield from (f"  {found}" for found in gravest_first(coverage.findings))


def _row(table: TableCoverage) -> tuple[str, ...]:
    of = ", ".join(table.calendars[:2]) + (" ..." if len(table.calendars) > 2 else "")
    return (
        table.name,
        str(table.version),
        f"{table.rows:,}",
        f"{table.corrections:,}",
        f"{len(table.symbols):,}",
        f"{table.first}",
        f"{table.last}",
        percent(table.present, 2),
        of or "no calendar",
        f"{table.gaps:,}" if table.expected else "n/a",
    )


def _odd(table: TableCoverage) -> Iterator[str]:
    """What the main job can use, what is missing, and the symbols that are worst off."""
    if table.trainable is not None:
        yield f"{table.name}, trainable: {table.trainable}"
    missing = [f"{name} {rare(share)}" for name, share in table.missing.items() if share]
    if missing:
        yield f"{table.name}, missing values: {', '.join(missing)}"
    worst = table.worst(WORST)
    for row in worst.iter_rows(named=True):
        behind = f"; ends {row['last']}, {row['behind']:,} before the table"
        told = f"sessions missing {gap_words(row)}" + (behind if row["behind"] else "")
        yield f"  {row['symbol']}: {told}"
    if rest := len(table.worst(len(table.symbols))) - len(worst):
        yield f"  and {rest:,} more with gaps, or that end early"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Cells under each other, the first of each row to the left and figures to the right.

    >>> columns([("table", "rows"), ("bars", "1,234")])
    ['  table   rows', '  bars   1,234']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]  # fmt: skip

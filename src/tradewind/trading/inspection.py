"""What is odd about a book: it looks, says what it found, and mends nothing."""

from tradewind.core import Finding, Ledger

MOST_BORROWED = 0.05


def trading_findings(ledger: Ledger) -> tuple[Finding, ...]:
    """Orders of which none was ever filled, and cash that was borrowed for nothing.

    >>> from datetime import UTC, datetime
    >>> import polars as pl
    >>> trading_findings(Ledger.opening(100.0, datetime(2024, 1, 2, tzinfo=UTC), pl.Enum(["ACME"])))
    ()
    """
    return (*_unfilled(ledger), *_borrowed(ledger))


def _unfilled(ledger: Ledger) -> tuple[Finding, ...]:
    if not len(ledger.orders) or len(ledger.fills):
        return ()
    return (
        Finding(
            "ledger.unfilled",
            "error",
            "the broker",
            f"{len(ledger.orders):,} orders were placed and none was filled, so nothing was earned",
            "check that bars with volume arrive after the decisions that trade them",
        ),
    )


def _borrowed(ledger: Ledger) -> tuple[Finding, ...]:
    shares = [(account.cash / account.equity, account.at) for account in ledger.accounts]
    lowest, at = min(shares, default=(0.0, None))
    if lowest >= -MOST_BORROWED:
        return ()
    return (
        Finding(
            "ledger.borrowed",
            "error",
            f"{at}",
            f"cash fell to {lowest:.0%} of equity: more was bought than there was money for, at no "
            "interest",
            "leave room for prices that move before the fill, or for positions that cannot be sold",
            at,
        ),
    )

"""Numbers as people read them: no finer than they are known, with a true minus, never a bare NaN."""

from datetime import date
from math import floor, isfinite, log10
from typing import TypeGuard

MISSING = "n/a"


def known(value: float | None) -> TypeGuard[float]:
    """A number that can be shown."""
    return value is not None and isfinite(value)


def number(value: float | None, decimals: int) -> str:
    """A number to so many decimals.

    >>> number(-1234.56, 1), number(-0.001, 1), number(float("nan"), 1), number(None, 1)
    ('−1,234.6', '0.0', 'n/a', 'n/a')
    """
    if not known(value):
        return MISSING
    text = f"{value:,.{decimals}f}" if abs(value) < 1e9 else f"{value:.3g}"
    negative = text.startswith("-") and text.strip("-0.,") != ""
    return ("−" if negative else "") + text.lstrip("-")


def percent(share: float | None, decimals: int = 1) -> str:
    """A share as a percentage.

    >>> percent(0.5312), percent(-0.02, 0), percent(None)
    ('53.1 %', '−2 %', 'n/a')
    """
    return f"{number(share * 100, decimals)} %" if known(share) else MISSING


def decimals_for(value: float | None, low: float | None, high: float | None) -> int:
    """How many decimals a figure deserves: two digits of its interval's width, or three of its own.

    A return of 8.31 % that may as well be -2 % is not known to the second decimal:

    >>> decimals_for(8.3127, -2.41, 19.07), decimals_for(0.42123, 0.10211, 0.75399)
    (0, 2)
    >>> decimals_for(312.4, None, None), decimals_for(0.01234, None, None)
    (0, 4)
    """
    width = high - low if known(low) and known(high) else 0.0
    digits, size = (1, width) if width > 0 else (2, abs(value) if known(value) else 0.0)
    if size == 0:
        return 0
    return min(max(digits - floor(log10(size)), 0), 6)


def figure(value: float | None) -> str:
    """Three digits of a number, however small it is.

    >>> figure(312.4), figure(-0.0123456), figure(-0.0000293), figure(0.0), figure(None)
    ('312', '−0.0123', '−2.93e-5', '0', 'n/a')
    """
    if known(value) and 0 < abs(value) < 1e-4:
        digits, power = f"{abs(value):.2e}".split("e")
        return f"{'−' if value < 0 else ''}{digits}e{int(power)}"
    return number(value, decimals_for(value, None, None))


def interval(low: float | None, high: float | None, decimals: int) -> str:
    """An interval in words, since a dash between two numbers may be a minus.

    >>> interval(-0.12, 0.34, 2), interval(None, None, 2)
    ('−0.12 to 0.34', 'no interval')
    """
    if low is None and high is None:
        return "no interval"
    return f"{number(low, decimals)} to {number(high, decimals)}"


def percents(low: float | None, high: float | None, decimals: int = 1) -> str:
    """An interval of shares, as percentages.

    >>> percents(-0.012, 0.034), percents(None, 0.034), percents(None, None)
    ('−1.2 to 3.4 %', 'n/a to 3.4 %', 'no interval')
    """
    if low is None and high is None:
        return interval(low, high, decimals)
    shares = (None if end is None else 100 * end for end in (low, high))
    return f"{' to '.join(number(share, decimals) for share in shares)} %"


def count(of: int, one: str, many: str) -> str:
    """A number of things, in words that agree with it.

    >>> count(1, "error", "errors"), count(0, "error", "errors")
    ('1 error', '0 errors')
    """
    return f"{of:,} {one if of == 1 else many}"


def day(when: date) -> str:
    """A date as it is spoken.

    >>> day(date(2024, 1, 2))
    '2 Jan 2024'
    """
    return f"{when.day} {when:%b %Y}"

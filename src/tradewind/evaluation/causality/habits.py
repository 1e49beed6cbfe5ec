"""What else a subject reads: how far back, whom beside its own symbol, and whether order matters."""

from collections.abc import Mapping

import numpy as np

from tradewind.core import Finding, Rng
from tradewind.evaluation.causality import futures
from tradewind.evaluation.causality.comparing import changes, is_number
from tradewind.evaluation.causality.inquiry import Inquiry, told
from tradewind.evaluation.causality.subject import Reads, Shown

STARTS = 4
ALONE = 3  # symbols that are asked alone
NOISES = 4  # under which a column does not change that does not read the data


def habits(inquiry: Inquiry, rng: Rng) -> list[Finding]:
    """What the columns claim of themselves, held to it; of what claims nothing, what was seen."""
    found = []
    for ask in (lookbacks, company, order, sources):
        try:
            found += ask(inquiry, rng)
        except Exception as error:
            detail = f"it raised {told(error)} when it was asked of {ask.__name__}"
            remedy = "let it answer for part of the data as well"
            found.append(
                Finding("causality.failed", "warning", inquiry.subject.name, detail, remedy)
            )
    return found


def lookbacks(inquiry: Inquiry, rng: Rng) -> list[Finding]:
    """How many bars each column needs before it no longer matters where the data begins."""
    rows, claim = inquiry.subject.rows, inquiry.subject.claim
    stamps = np.unique(rows.stamp)
    middle = stamps[1 : max(2, len(stamps) // 2)]
    if len(stamps) < 3:
        return []
    needed: dict[str, int] = {}
    reach = 0
    for start in rng.choice(middle, min(STARTS, len(middle)), replace=False):
        answer = inquiry.ask(futures.since(rows, int(start)))
        late = changes(answer, inquiry.history, inquiry.settling, of_common_rows=True)
        for name, keys in late.items():
            bars = futures.bars_since(rows, int(start), keys)
            needed[name] = max(needed.get(name, 0), int(bars.max()) + 1)
        seen = futures.bars_since(rows, int(start), answer.keys)
        reach = max(reach, int(seen.max(initial=0)))
    claimed = {name: claim(name).lookback or 0 for name in inquiry.history.values.columns}
    beyond = {
        name: bars for name, bars in claimed.items() if bars > max(reach, needed.get(name, 0))
    }
    return [
        *(
            _lookback(name, bars, claim(name).lookback, reach)
            for name, bars in needed.items()
            if name not in inquiry.random and bars > (claim(name).lookback or 0)
        ),
        *([_untried(inquiry.subject.name, beyond, reach)] if beyond else []),
    ]


def company(inquiry: Inquiry, rng: Rng) -> list[Finding]:
    """Which columns read other symbols than their own."""
    rows = inquiry.subject.rows
    symbols = futures.by_symbol(rows)
    if len(symbols) < 2:
        return []
    found = set()
    for place in rng.choice(len(symbols), min(ALONE, len(symbols)), replace=False):
        found |= {*inquiry.compared(Shown.only(symbols[place]))}
    reads = {name: inquiry.subject.claim(name).reads for name in sorted(found)}
    return [_company(name, said) for name, said in reads.items() if said != "others"]


def order(inquiry: Inquiry, rng: Rng) -> list[Finding]:
    """Which columns change with the order of symbols, though each symbol's rows keep theirs."""
    if len(futures.by_symbol(inquiry.subject.rows)) < 2:
        return []
    found = set()
    for shown in futures.orders(inquiry.subject.rows, rng):
        found |= {*inquiry.compared(shown)}
    return [_order(name, inquiry.subject.claim(name).reads) for name in sorted(found)]


def sources(inquiry: Inquiry, rng: Rng) -> list[Finding]:
    """Which numbers stay the same whatever the data says: they are made of stamps, or come from elsewhere."""
    rows, history = inquiry.subject.rows, inquiry.history.values
    still = {
        column.name
        for column in history
        if is_number(column)
        and column.n_unique() > 1
        and inquiry.subject.claim(column.name).reads is None
    }
    for _ in range(NOISES):
        if still:
            shown = futures.replaced(rows, int(rows.moments[0]) - 1, rng)
            still -= {*inquiry.compared(shown)}
    return [_elsewhere(name) for name in sorted(still - inquiry.random)]


def _elsewhere(name: str) -> Finding:
    detail = (
        "is the same whatever the data says: it is made of stamps, or comes from a file or the code"
    )
    remedy = "look where it comes from: no audit sees what lies outside the data"
    return Finding("causality.elsewhere", "info", name, detail, remedy)


def _lookback(name: str, bars: int, claimed: int | None, reach: int) -> Finding:
    """`reach` is the most bars that there were to read."""
    reads = "all that came before it" if bars > reach else f"{bars} bars"
    if claimed is None:
        remedy = "keep as many bars before the first that you use"
        return Finding("causality.lookback", "info", name, f"reads {reads}", remedy)
    detail = f"reads {reads}, and says that it reads {claimed}"
    return Finding("causality.lookback", "error", name, detail, "declare what it reads")


def _untried(name: str, beyond: Mapping[str, int], reach: int) -> Finding:
    """`beyond` is what claims to read more bars than there were."""
    told = ", ".join(f"{column} ({bars:,})" for column, bars in beyond.items())
    detail = f"the data goes back {reach:,} bars at most, so these lookbacks were not tried: {told}"
    remedy = "take them at their word, or ask about longer data"
    return Finding("causality.untried", "info", name, detail, remedy)


def _company(name: str, reads: Reads) -> Finding:
    detail = "changes when the other symbols are taken away"
    remedy = "compute it symbol by symbol, unless it is meant to compare them"
    return Finding("causality.company", "error" if reads else "info", name, detail, remedy)


def _order(name: str, reads: Reads) -> Finding:
    detail = "changes when the symbols come in another order"
    remedy = "sort within it, and compute it symbol by symbol"
    return Finding("causality.order", "error" if reads else "warning", name, detail, remedy)

"""`audit`: does anything that a subject computes depend on what was not known yet, and on what?"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import polars as pl

from tradewind.core import Finding, Rng, Score, Scorecard
from tradewind.core.errors import BadTable
from tradewind.evaluation.causality import futures
from tradewind.evaluation.causality.habits import habits
from tradewind.evaluation.causality.inquiry import WAYS, Failure, Inquiry
from tradewind.evaluation.causality.subject import Subject
from tradewind.evaluation.causality.tracing import Leak, trace

Verdict = Literal["causal", "could not tell", "breaks its word", "leaking"]
WORSE: tuple[Verdict, ...] = get_args(Verdict)  # each than the one before
CUTS = 20
MOST_CUTS, SHOWN_ROWS = 300, 400_000  # cuts, and rows that they show together, where data is small
TRACED = 8  # leaking columns whose source is looked for; the others are named
REMEDY = "compute it from rows known by then: shift forwards, roll backwards, fit on the past alone"


@dataclass(frozen=True)
class Audit:
    """The verdict on one subject, with its leaks and all else that was found.

    >>> from tradewind.evaluation.causality.frames import FrameSubject
    >>> import numpy as np
    >>> import polars as pl
    >>> from tradewind.core import stream
    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 2, 9), eager=True)
    >>> prices = pl.DataFrame({"date": days, "close": np.exp(np.arange(40) % 7 / 50)})
    >>> def make(rows):
    ...     return rows.with_columns(ahead=pl.col("close").shift(-1), mean=pl.col("close").rolling_mean(5))
    >>> found = audit(FrameSubject("make", make, prices), stream(1))
    >>> found.verdict, found.leaks[0].column
    ('leaking', 'ahead')
    >>> print(found.leaks[0])
    the value of 2024-01-01 depends on the row 2024-01-02 (later rows removed: 20, replaced: 20 of 20 cuts)
    """

    card: Scorecard
    leaks: tuple[Leak, ...]
    verdict: Verdict

    @property
    def untold(self) -> tuple[str, ...]:
        """The columns without a value: the verdict is on the others."""
        if self.verdict == "could not tell":
            return ()
        return tuple(one.where for one in self.card.findings if one.check == "causality.unseen")

    @property
    def summary(self) -> str:
        """The verdict in a line, and a line for each thing that was found."""
        cuts, columns, _, calls = (round(score.value) for score in self.card.scores)
        asked = ", ".join(
            f"{count} {what}s" if count != 1 else f"1 {what}"
            for count, what in ((columns, "column"), (cuts, "cut"), (calls, "call"))
        )
        verdict = ", but could not tell of ".join([self.verdict, *_listed(self.untold)])
        lines = [f"{self.card.subject}: {verdict} ({asked})"]
        return "\n".join([*lines, *(f"  {found}" for found in self.card.findings)])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        leaks = [leak.to_dict() for leak in self.leaks]
        told = {"verdict": self.verdict, "untold": [*self.untold], "leaks": leaks}
        return {**told, **self.card.to_dict()}


def audit(
    subject: Subject,
    rng: Rng,
    cuts: int = CUTS,
    progress: Callable[[int, int], None] = lambda done, of: None,  # noqa: ARG005
) -> Audit:
    """Ask a subject about data that is cut off, garbled, begun later and reordered, and compare.

    Nothing up to a cut, its last row included, may change when what became known later is taken away or
    turned to noise.
    """
    if len(subject.rows.moments) < 2:
        raise BadTable("all rows are of one moment", "give it data of at least two")
    inquiry = Inquiry(subject, int(rng.integers(2**32)))
    moments = futures.drawn_cuts(subject.rows, cuts, rng)
    leaking: dict[str, None] = {}
    for done, cut in enumerate(moments, start=1):
        for how in WAYS:
            leaking.update(dict.fromkeys(inquiry.at_cut(int(cut), how)))
        progress(done, len(moments))
    failed, values = tuple(inquiry.failures), inquiry.history.values
    unseen = [column.name for column in values if _is_empty(column)]
    leaks = tuple(trace(inquiry, column, moments) for column in list(leaking)[:TRACED])
    findings = [
        Finding("causality.future", "error", leak.column, str(leak), REMEDY) for leak in leaks
    ]
    findings += [_untraced(column) for column in list(leaking)[TRACED:]]
    findings += [_random(column) for column in sorted(inquiry.random)]
    findings += [_failed(subject.name, failed, len(moments))] if failed else []
    findings += [_unseen(column) for column in unseen]
    findings += [_nothing(subject.name)] if not values.width else []
    findings += [_unsorted(subject)] if futures.out_of_order(subject.rows) else []
    findings += habits(inquiry, rng)
    scores = (
        Score("cuts", len(moments), None, None, "moments"),
        Score("columns", values.width, None, None, "audited"),
        Score("rows", len(inquiry.history.keys), None, None, "of each"),
        Score("calls", inquiry.asked, None, None, "of the subject"),
    )
    card = Scorecard(subject.name, scores, tuple(findings))
    made = {*values.columns} - subject.given or {*values.columns}
    untold = bool(inquiry.random) or _unanswered(failed, len(moments)) or made <= {*unseen}
    return Audit(card, leaks, _verdict(card, untold))


def usual_cuts(rows: int) -> int:
    """How many cuts suit data of so many rows: the fewer rows, the more, as rare leaks need.

    >>> usual_cuts(500), usual_cuts(4_000), usual_cuts(1_000_000)
    (300, 100, 20)
    """
    return int(min(max(SHOWN_ROWS // rows, CUTS), MOST_CUTS))


def _verdict(card: Scorecard, untold: bool) -> Verdict:
    """A leak that was seen is one, whatever else could not be told."""
    wrong = {finding.check for finding in card.findings if finding.severity == "error"}
    if "causality.future" in wrong:
        return "leaking"
    if untold:
        return "could not tell"
    return "breaks its word" if wrong else "causal"


def _untraced(column: str) -> Finding:
    detail = f"depends on later rows, as do {TRACED} columns before it"
    return Finding("causality.future", "error", column, detail, REMEDY)


def _random(column: str) -> Finding:
    return Finding(
        "causality.random",
        "error",
        column,
        "is another when asked for twice of the same data, so nothing can be told of it",
        "give it a seed, or a fixed order to add up in",
    )


def _unanswered(failed: Sequence[Failure], cuts: int) -> bool:
    """Whether one way of asking had no answer at most cuts: the other cannot stand in for it."""
    asked = Counter(one.how for one in failed)
    return any(2 * count > cuts for count in asked.values())


def _failed(name: str, failed: Sequence[Failure], cuts: int) -> Finding:
    asked = Counter(one.how for one in failed)
    counts = ", ".join(f"{how}: {asked[how]}" for how in WAYS if how in asked)
    detail = f"{failed[0]} (it failed with later rows {counts} of {cuts} cuts)"
    remedy = "let it answer with missing values where there is too little data"
    return Finding("causality.failed", "warning", name, detail, remedy)


def _listed(columns: tuple[str, ...]) -> list[str]:
    return [", ".join(columns)] if columns else []


def _unseen(column: str) -> Finding:
    detail = "never has a finite value in this data, so nothing was shown of it"
    return Finding(
        "causality.unseen", "warning", column, detail, "audit it on data that it is made for"
    )


def _nothing(name: str) -> Finding:
    detail = "returned no column besides symbol and timestamp, so there is nothing to tell of"
    return Finding("causality.unseen", "warning", name, detail, "let it return what it computes")


def _unsorted(subject: Subject) -> Finding:
    detail = (
        "rows of a symbol do not come in the order of their moments, as shifts and windows expect"
    )
    remedy = "sort the data, or let the function sort it"
    return Finding("causality.order", "warning", subject.name, detail, remedy)


def _is_empty(column: pl.Series) -> bool:
    """Nothing is in it: NaN is nothing too, and infinity is the same whatever comes."""
    if column.dtype.is_float():
        return not column.is_finite().any()
    return column.null_count() == len(column)

"""`Inquiry`: one subject, asked again and again, with every answer compared with its history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from tradewind.core.errors import Misuse
from tradewind.core.rng import stream
from tradewind.evaluation.causality import futures
from tradewind.evaluation.causality.comparing import Changes, changes
from tradewind.evaluation.causality.subject import Answer, Claim, Shown, Subject, place

How = Literal["removed", "replaced"]
WAYS: tuple[How, ...] = ("removed", "replaced")


@dataclass(frozen=True)
class Failure:
    """What a subject raised, and at which cut."""

    cut: int
    how: How
    error: str

    def __str__(self) -> str:
        return f"it raised {self.error} when what came after {place('', self.cut)} was {self.how}"


@dataclass(eq=False)
class Inquiry:
    """What has been asked of a subject so far, so that nothing is asked twice."""

    subject: Subject
    seed: int
    history: Answer = field(init=False)
    random: frozenset[str] = field(init=False)
    failures: list[Failure] = field(default_factory=list)
    asked: int = 0
    _known: dict[tuple[int, How], Mapping[str, pl.DataFrame]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        whole = futures.everything(self.subject.rows)
        try:
            self.history = self.ask(whole)
            again = self.ask(whole)
        except Misuse:
            raise
        except Exception as error:
            remedy = "make it work on the data as it is; then ask again"
            raise Misuse(f"{self.subject.name} raised {told(error)}", remedy) from error
        self.random = frozenset(changes(again, self.history, self.subject.claim))

    def at_cut(self, cut: int, how: How) -> Changes:
        """What changes up to the cut when what comes after it is another; nothing where it failed."""
        if (cut, how) not in self._known:
            self._known[cut, how] = self._at_cut(cut, how)
        return self._known[cut, how]

    def noise(self, cut: int) -> Shown:
        """The one noise that what comes after this cut is replaced by."""
        return futures.replaced(self.subject.rows, cut, stream(self.seed, "noise", str(cut)))

    def compared(self, shown: Shown) -> Changes:
        """What changes in the rows that both answers have."""
        answer = self.ask(shown)
        found = changes(answer, self.history, self.subject.claim, of_common_rows=True)
        return self._settled(found)

    def settling(self, column: str) -> Claim:
        """What a column claims where data begins later than it did."""
        return Claim(self.subject.claim(column).settles)

    def changed(self, shown: Shown, column: str, key: Mapping[str, object]) -> bool:
        """Does this one value change?"""
        this = pl.all_horizontal(pl.col(name) == value for name, value in key.items())
        try:
            answer = self.ask(shown).where(this)
        except (
            Exception
        ):  # tracing asks about odd pieces of data; that it fails on one is told elsewhere
            return False
        return column in changes(answer, self.history.where(this), self.subject.claim)

    def answer(self, cut: int, how: How) -> Answer:
        """What is answered when what comes after the cut is another."""
        rows = self.subject.rows
        return self.ask(futures.removed(rows, cut) if how == "removed" else self.noise(cut))

    def _at_cut(self, cut: int, how: How) -> Changes:
        try:
            answer = self.answer(cut, how)
        except Exception as error:
            self.failures.append(Failure(cut, how, told(error)))
            return {}
        upto = pl.col("at") <= cut
        found = changes(answer.where(upto), self.history.where(upto), self.subject.claim)
        return self._settled(found)

    def _settled(self, found: Changes) -> Changes:
        """Without what is random anyway."""
        return {name: keys for name, keys in found.items() if name not in self.random}

    def ask(self, shown: Shown) -> Answer:
        """Ask, and count."""
        self.asked += 1
        return self.subject(shown)


def told(error: BaseException) -> str:
    """An error in one line.

    >>> told(KeyError("adj_close"))
    "KeyError: 'adj_close'"
    """
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"

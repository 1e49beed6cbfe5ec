"""`Provider`: somebody who is asked over HTTP, and everything that he has answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewind.data.sources.answers import Answer, Answers, Question
from tradewind.data.sources.declared import Part
from tradewind.data.sources.fetching import Fetcher, Judge

Told = Callable[[Part], None]
"""Whoever is told of each question, just before it is asked or its kept answer is read."""


def nobody(part: Part) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Provider:
    """Asks what is not known yet. An answer holds for `holds`; one about a closed past holds for good.

    So a run that was cut goes on where it stopped, and a run of the next day asks for what is new.
    """

    name: str
    fetcher: Fetcher
    kept: Answers
    judge: Judge
    holds: timedelta = timedelta(hours=12)
    told: Told = nobody

    def answers(self, question: Question, closed: datetime | None = None) -> Sequence[Answer]:
        """Every answer to a question, the oldest first, the last of them recent enough."""
        part = self.part(question, closed)
        self.told(part)
        if not part.kept:
            body = self.fetcher.fetch(question, self.judge)
            self.kept.keep(question, Answer(self.fetcher.clock.now(), body))
        return self.kept.of(question)

    def heard(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """Every answer to several ways to ask the same, the oldest first; nobody is asked."""
        answers = [answer for question in questions for answer in self.kept.of(question)]
        return sorted(answers, key=lambda answer: answer.at)

    def knows(self, question: Question, closed: datetime | None = None) -> bool:
        """Is there an answer that still holds? One that was heard after `closed` always does."""
        heard = self.kept.heard(question)
        if heard is None:
            return False
        return (closed is not None and heard > closed) or (
            self.fetcher.clock.now() - heard < self.holds
        )

    def part(self, question: Question, closed: datetime | None = None) -> Part:
        """The question as part of a plan."""
        kept, apart_s = self.knows(question, closed), self.fetcher.pace.apart_s
        return Part(f"{self.name} {question}", kept=kept, apart_s=apart_s)

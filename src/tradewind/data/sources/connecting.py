"""The providers, put together: who is asked where, how often, and with which key."""

from dataclasses import dataclass

from tradewind.core import Clock, Rng
from tradewind.data.sources import alpha_vantage, alpha_vantage_answers, bls, fred
from tradewind.data.sources.answers import Answers
from tradewind.data.sources.fetching import Fetcher, Judge
from tradewind.data.sources.keys import Key
from tradewind.data.sources.patience import Pace, Sleep
from tradewind.data.sources.provider import Provider, Told, nobody
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True)
class Connection:
    """What a provider needs of its surroundings: where answers are kept, the time, chance, and sleep.

    `told` hears of every question. Without a key nobody can be asked, and a plan can still be made.
    """

    workspace: Workspace
    clock: Clock
    sleep: Sleep
    rng: Rng
    told: Told = nobody

    def alpha_vantage(
        self, key: Key | None, url: str = alpha_vantage.URL, per_minute: float = 5
    ) -> Provider:
        """Alpha Vantage; five questions a minute is what a free key may ask."""
        fetcher = Fetcher(url, key, "apikey", self._pace(per_minute), self.rng)
        return self._provider("alpha-vantage", fetcher, alpha_vantage_answers.judge)

    def fred(self, key: Key | None, url: str = fred.URL, per_minute: float = 120) -> Provider:
        """FRED, which takes two questions a second."""
        fetcher = Fetcher(url, key, "api_key", self._pace(per_minute), self.rng)
        return self._provider("fred", fetcher, fred.judge)

    def bls(self, key: Key | None, url: str = bls.URL, per_minute: float = 30) -> Provider:
        """The Bureau of Labor Statistics, which answers a few questions a day without a key too."""
        pace = self._pace(per_minute)
        fetcher = Fetcher(url, key, "registrationkey", pace, self.rng, key_in="body")
        return self._provider("bls", fetcher, bls.judge)

    def _pace(self, per_minute: float) -> Pace:
        return Pace(per_minute, self.clock, self.sleep)

    def _provider(self, name: str, fetcher: Fetcher, judge: Judge) -> Provider:
        return Provider(name, fetcher, self._kept(name), judge, told=self.told)

    def _kept(self, provider: str) -> Answers:
        return Answers.under(self.workspace, provider)

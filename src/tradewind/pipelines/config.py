"""What `tradewind.yaml` may say of the main job: one section per stage, each owned by its room."""

from dataclasses import dataclass, field, replace

from tradewind.core.errors import BadConfig
from tradewind.data.alternative.spec import AlternativeDataConfig
from tradewind.evaluation.splits import PurgedWalkForward
from tradewind.features.config import FeaturesConfig
from tradewind.features.labels import Against
from tradewind.models.lightgbm_forecaster import TreesConfig
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.trading.allocation import CappedLong
from tradewind.trading.broker import NextBarBroker
from tradewind.trading.guardrails import DrawdownBrake


@dataclass(frozen=True)
class SyntheticConfig:
    """The market that is made where no file is given: its size, and the truth planted in it."""

    kind: str = field(default="equity", metadata={"doc": "equity, etf, crypto, fx or property"})
    symbols: int = field(default=60, metadata={"doc": "how many"})
    periods: int = field(default=1250, metadata={"doc": "bars of each; 1250 days are five years"})
    information_coefficient: float = field(
        default=0.06, metadata={"doc": "of the planted signal with the next return; 0 plants none"}
    )
    half_life: float = field(default=10.0, metadata={"doc": "of the signal, in bars"})
    revised: float = field(default=0.05, metadata={"doc": "share of bars that are corrected later"})

    def __post_init__(self) -> None:
        if not 0 <= self.information_coefficient < 1 or not 0 <= self.revised < 1:
            raise BadConfig(
                f"an information coefficient of {self.information_coefficient} and a revised share "
                f"of {self.revised}",
                "give shares from 0 up to, not including, 1",
            )


@dataclass(frozen=True)
class TargetConfig:
    """What is forecast: whether a symbol will have done better some bars on."""

    horizon: int = field(default=5, metadata={"doc": "in bars"})
    against: Against = field(
        default="peers",
        metadata={"doc": "better than its peers' median, or than itself now (a rise)"},
    )

    def __post_init__(self) -> None:
        if self.horizon < 1:
            raise BadConfig(f"a horizon of {self.horizon} bars", "look at least one bar ahead")


@dataclass(frozen=True)
class UpConfig:
    """The whole configuration of the main job."""

    synthetic: SyntheticConfig = field(default_factory=SyntheticConfig)
    alternative_data: AlternativeDataConfig = field(default_factory=AlternativeDataConfig)
    features: FeaturesConfig = field(default_factory=FeaturesConfig)
    patterns: EpisodesConfig = field(default_factory=EpisodesConfig)
    target: TargetConfig = field(default_factory=TargetConfig)
    split: PurgedWalkForward = field(default_factory=PurgedWalkForward)
    trees: TreesConfig = field(default_factory=TreesConfig)
    allocation: CappedLong = field(default_factory=CappedLong)
    guardrails: DrawdownBrake = field(default_factory=DrawdownBrake)
    broker: NextBarBroker = field(default_factory=NextBarBroker)


FEWEST_PEERS = 5
SECTIONS: dict[str, type] = {
    "synthetic": SyntheticConfig,
    "alternative_data": AlternativeDataConfig,
    "features": FeaturesConfig,
    "patterns": EpisodesConfig,
    "target": TargetConfig,
    "split": PurgedWalkForward,
    "trees": TreesConfig,
    "allocation": CappedLong,
    "guardrails": DrawdownBrake,
    "broker": NextBarBroker,
}


def fitting(config: UpConfig, symbols: int) -> UpConfig:
    """The configuration for so many symbols: few may weigh more each, and have no peers to speak of.

    >>> one = fitting(UpConfig(), symbols=1)
    >>> one.allocation.cap, one.target.against
    (1.0, 'itself')
    """
    allocation, target = config.allocation, config.target
    allocation = replace(allocation, cap=max(allocation.cap, allocation.gross / symbols))
    if symbols < FEWEST_PEERS:
        target = replace(target, against="itself")
    return replace(config, allocation=allocation, target=target)

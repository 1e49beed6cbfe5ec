"""`document` and `restored`: a fitted detector as JSON, and back, to the bit."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from tradewind.context.bands import Bands
from tradewind.context.regimes.by_symbol import FittedBySymbol
from tradewind.context.regimes.chain import Chain
from tradewind.context.regimes.fitted import FittedRegimes
from tradewind.context.regimes.hmm import GaussianHMM
from tradewind.context.regimes.jump import JumpModel
from tradewind.context.regimes.kmeans import KMeans
from tradewind.context.regimes.learning import Learnt
from tradewind.context.regimes.market_wide import FittedMarketWide
from tradewind.context.regimes.mixture import GaussianMixture
from tradewind.context.regimes.rules import RuleRegimes
from tradewind.context.regimes.scaling import Scaling
from tradewind.core.errors import BadTable, Misuse, nearest
from tradewind.core.roles import RegimeDetector

RECIPES = {one.__name__: one for one in (GaussianHMM, GaussianMixture, JumpModel, KMeans)}
ARRAYS = ("start", "moves", "means", "covariances")


def document(regimes: RegimeDetector) -> dict[str, Any]:
    """What a DocumentStore keeps of it.

    >>> import json
    >>> from tradewind.context.regimes.market_wide import MarketWide
    >>> from tradewind.context.regimes.trial import two_regimes
    >>> rows = two_regimes()
    >>> regimes = MarketWide(GaussianHMM(states=2)).fit(rows)
    >>> kept = json.loads(json.dumps(document(regimes)))
    >>> restored(kept).filter(rows) == regimes.filter(rows)
    True
    """
    if isinstance(regimes, FittedRegimes):
        return _of_chain(regimes)
    if isinstance(regimes, FittedMarketWide):
        return {"kind": "MarketWide", "detector": document(regimes.detector)}
    if isinstance(regimes, FittedBySymbol):
        alone = {name: document(one) for name, one in regimes.alone.items()}
        return {"kind": "BySymbol", "shared": document(regimes.shared), "alone": alone}
    if isinstance(regimes, RuleRegimes):
        bands = asdict(regimes.bands)
        return {"kind": "RuleRegimes", "measure": regimes.measure, "bands": bands}
    raise Misuse(
        f"a {type(regimes).__name__} has no form in which it is kept",
        "keep one of those that are fitted by tradewind.context.regimes",
    )


def restored(document: Mapping[str, Any]) -> RegimeDetector:
    """The detector that a document was made of."""
    kind = document["kind"]
    if kind == "MarketWide":
        return FittedMarketWide(restored(document["detector"]))
    if kind == "BySymbol":
        alone = {name: _chain(one) for name, one in document["alone"].items()}
        return FittedBySymbol(_chain(document["shared"]), alone)
    if kind == "RuleRegimes":
        return RuleRegimes(document["measure"], Bands(**document["bands"]))
    if kind not in RECIPES:
        raise BadTable(f"no detector is called {kind!r}", nearest(kind, RECIPES))
    return _chain(document)


def _of_chain(regimes: FittedRegimes) -> dict[str, Any]:
    chain, learnt, scaling = regimes.chain, regimes.learnt, regimes.scaling
    return {
        "kind": type(regimes.recipe).__name__,
        "recipe": {name: value for name, value in vars(regimes.recipe).items() if name != "tells"},
        "tells": dict(regimes.recipe.tells),
        "features": [*regimes.features],
        "names": [*regimes.names],
        "chain": {name: getattr(chain, name).tolist() for name in ARRAYS} | {"best": chain.best},
        "learnt": {name: value for name, value in vars(learnt).items() if name != "chain"},
        "usual": {name: usual.tolist() for name, usual in scaling.usual.items()},
        "others": scaling.others.tolist(),
    }


def _chain(document: Mapping[str, Any]) -> FittedRegimes:
    arrays = {name: np.array(document["chain"][name]) for name in ARRAYS}
    return FittedRegimes(
        RECIPES[document["kind"]](**document["recipe"], tells=document["tells"]),
        tuple(document["features"]),
        Scaling(
            {name: np.array(usual) for name, usual in document["usual"].items()},
            np.array(document["others"]),
        ),
        Learnt(Chain(**arrays, best=document["chain"]["best"]), **document["learnt"]),
        tuple(document["names"]),
    )

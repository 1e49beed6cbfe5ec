"""`document` and `restored`: a fitted detector as JSON, and back, to the bit."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tradewind.context.regimes.chain import Chain
from tradewind.context.regimes.fitted import FittedRegimes
from tradewind.context.regimes.hmm import GaussianHMM
from tradewind.context.regimes.jump import JumpModel
from tradewind.context.regimes.kmeans import KMeans
from tradewind.context.regimes.learning import Learnt
from tradewind.context.regimes.mixture import GaussianMixture
from tradewind.context.regimes.scaling import Scaling
from tradewind.core.errors import BadTable, nearest

RECIPES = {one.__name__: one for one in (GaussianHMM, GaussianMixture, JumpModel, KMeans)}
ARRAYS = ("start", "moves", "means", "covariances")


def document(regimes: FittedRegimes) -> dict[str, Any]:
    """What a DocumentStore keeps of it.

    >>> import json
    >>> from tradewind.context.regimes.trial import two_regimes
    >>> rows = two_regimes()
    >>> regimes = GaussianHMM(states=2).fit(rows)
    >>> kept = json.loads(json.dumps(document(regimes)))
    >>> restored(kept).filter(rows) == regimes.filter(rows)
    True
    """
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


def restored(document: Mapping[str, Any]) -> FittedRegimes:
    """The detector that a document was made of."""
    kind = document["kind"]
    if kind not in RECIPES:
        raise BadTable(f"no detector is called {kind!r}", nearest(kind, RECIPES))
    arrays = {name: np.array(document["chain"][name]) for name in ARRAYS}
    return FittedRegimes(
        RECIPES[kind](**document["recipe"], tells=document["tells"]),
        tuple(document["features"]),
        Scaling(
            {name: np.array(usual) for name, usual in document["usual"].items()},
            np.array(document["others"]),
        ),
        Learnt(Chain(**arrays, best=document["chain"]["best"]), **document["learnt"]),
        tuple(document["names"]),
    )

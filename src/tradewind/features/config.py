"""The section `features` of tradewind.yaml: which families are computed, and where one's own stand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tradewind.core.errors import BadConfig, Misuse
from tradewind.core.vendors import load_file
from tradewind.features.expressions import COLUMNS, Own, family_of
from tradewind.features.families import KeptFamily
from tradewind.features.registry import FAMILIES, families_named


@dataclass(frozen=True)
class FeaturesConfig:
    """Families by name, and Python files of one's own, each of which becomes a family of its name."""

    families: tuple[str, ...] = field(
        default=("bars",), metadata={"doc": "see tradewind features list"}
    )
    files: tuple[str, ...] = field(
        default=(), metadata={"doc": "of your own features, beside this file"}
    )
    sla_s: float = field(default=60.0, metadata={"doc": "how long a refresh may take"})

    def __post_init__(self) -> None:
        if self.sla_s <= 0:
            raise BadConfig(f"a refresh within {self.sla_s} s", "give a time above zero")
        for file in self.files:
            if not Path(file).stem.isidentifier() or Path(file).suffix != ".py":
                raise BadConfig(
                    f"{file!r} is no file of features", "name it my_features.py, or alike"
                )
        names = [*self.families, *(Path(file).stem for file in self.files)]
        if twice := sorted(name for name in {*names} if names.count(name) > 1):
            raise BadConfig(f"the family {twice[0]!r} is named twice", "keep one of them")


def families_of(
    config: FeaturesConfig, folder: Path, columns: Iterable[str] = ()
) -> tuple[KeptFamily, ...]:
    """The families that a configuration names, and those of its files, which lie in a folder, over bars
    that have these columns besides the usual.

    >>> [family.name for family in families_of(FeaturesConfig(("bars", "alpha158")), Path())]
    ['bars', 'alpha158']
    """
    named = families_named(config.families)
    every = every_family(config, folder, columns)
    return (*named, *every[len(FAMILIES) :])


def every_family(
    config: FeaturesConfig, folder: Path, columns: Iterable[str] = ()
) -> tuple[KeptFamily, ...]:
    """Those that come with tradewind, and those of the files."""
    known = (*COLUMNS, *columns)
    own = (own_family(folder / file, known) for file in config.files)
    families = (*FAMILIES.values(), *own)
    _require_apart(families)
    return families


def own_family(path: Path, columns: Iterable[str]) -> KeptFamily:
    """The features that a file declares, in their order, tried and taken."""
    features = [one for one in load_file(path).values() if isinstance(one, Own)]
    if not features:
        raise Misuse(
            f"{path} declares no feature",
            "from tradewind.features.expressions import feature, and write @feature(...)",
        )
    return family_of(path.stem, features, columns)


def _require_apart(families: tuple[KeptFamily, ...]) -> None:
    """Refuse a name that two families have, or two features."""
    home: dict[str, str] = {}
    for family in families:
        for spec in family.specs:
            if spec.name in home:
                raise Misuse(
                    f"the feature {spec.name!r} of {family.name!r} is one of {home[spec.name]!r} too",
                    "rename yours",
                )
            home[spec.name] = family.name
    names = [family.name for family in families]
    if twice := sorted(name for name in {*names} if names.count(name) > 1):
        raise Misuse(f"there is a family {twice[0]!r} already", "rename your file")

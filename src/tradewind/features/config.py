"""The section `features` of tradewind.yaml: which families are computed, and where one's own stand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tradewind.core.errors import BadConfig, Misuse
from tradewind.core.vendors import load_file
from tradewind.features.calendars import USUAL, Calendars
from tradewind.features.coarser import NamedFamily
from tradewind.features.expressions import COLUMNS, Own, family_of
from tradewind.features.families import KeptFamily
from tradewind.features.keeping import keeping
from tradewind.features.naming import AT, family_named, feature_of
from tradewind.features.registry import FAMILIES


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
        for names in (self.families, self.own):
            if twice := sorted(name for name in {*names} if names.count(name) > 1):
                raise BadConfig(f"the family {twice[0]!r} is named twice", "keep one of them")

    @property
    def own(self) -> tuple[str, ...]:
        """The families that the files become."""
        return tuple(Path(file).stem for file in self.files)


def families_of(
    config: FeaturesConfig,
    folder: Path,
    columns: Iterable[str] = (),
    calendars: Calendars = USUAL,
) -> tuple[NamedFamily, ...]:
    """The families that a configuration names, and those of its files, which lie in a folder, over bars
    that have these columns besides the usual, and of symbols that keep these calendars. Those of the files
    come last, unless they are named among the others.

    >>> config = FeaturesConfig(("bars", "alpha158@1w"))
    >>> [family.name for family in families_of(config, Path())]
    ['bars', 'alpha158@1w']
    """
    every = every_family(config, folder, columns, calendars)
    names = dict.fromkeys((*config.families, *config.own))
    return tuple(family_named(name, every, calendars) for name in names)


def every_family(
    config: FeaturesConfig,
    folder: Path,
    columns: Iterable[str] = (),
    calendars: Calendars = USUAL,
) -> tuple[NamedFamily, ...]:
    """Those that come with tradewind, those of the files, and those on longer bars that are named."""
    known = (*COLUMNS, *columns)
    own = (own_family(folder / file, known) for file in config.files)
    plain = (*(keeping(family, calendars) for family in FAMILIES.values()), *own)
    longer = (family_named(name, plain, calendars) for name in config.families if AT in name)
    families = (*plain, *longer)
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


def _require_apart(families: tuple[NamedFamily, ...]) -> None:
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
    names = [feature_of(family.name) for family in families]
    if twice := sorted(name for name in {*names} if names.count(name) > 1):
        raise Misuse(f"there is a family {twice[0]!r} already", "rename your file")

"""The room table, and what is written from it: `python -m tools.rooms write`, or `check`.

One table says which rooms there are and what each may import. The contracts that import-linter checks
and the table that people read are both written from it, so neither can drift from the other.
"""

import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = "tools/rooms.toml"
CONTRACTS = ".importlinter"
DOCUMENT = "docs/architecture.md"
BEGIN, END = "<!-- rooms -->\n", "<!-- /rooms -->"
EVERYTHING = "every room below"


@dataclass(frozen=True)
class Room:
    """One folder of the source. `packages` serve all of it; `vendors` name one file each."""

    holds: str
    may_import: tuple[str, ...] | str
    built: bool
    packages: tuple[str, ...] = ()
    vendors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class House:
    """All rooms, the order in which they import each other, and the files that may time work."""

    order: tuple[tuple[str, ...], ...]
    stopwatches: tuple[str, ...]
    rooms: Mapping[str, Room]

    @property
    def built(self) -> tuple[str, ...]:
        """The rooms that exist, from the top down."""
        return tuple(name for layer in self.order for name in layer if self.rooms[name].built)

    @property
    def layers(self) -> tuple[str, ...]:
        """The order as lines; rooms that are not built yet stand in parentheses."""
        shown = {name: name if room.built else f"({name})" for name, room in self.rooms.items()}
        return tuple(" | ".join(shown[name] for name in layer) for layer in self.order)

    def below(self, name: str) -> tuple[str, ...]:
        """Every room of the lines below this room's.

        >>> read_house(ROOT).below("storage")
        ('core',)
        """
        depth = next(depth for depth, layer in enumerate(self.order) if name in layer)
        return tuple(other for layer in self.order[depth + 1 :] for other in layer)

    def allowed_to(self, name: str) -> tuple[str, ...]:
        """The rooms that this one may import: always core, and itself without saying so."""
        may_import = self.rooms[name].may_import
        if isinstance(may_import, str):
            return self.below(name)
        return ("core", *may_import) if name != "core" else ()

    def told_to(self, name: str) -> str:
        """The same in words, for the contract's name.

        >>> read_house(ROOT).told_to("data")
        'core and storage alone'
        """
        if isinstance(self.rooms[name].may_import, str):
            return "every room below"
        allowed = self.allowed_to(name)
        return " and ".join(allowed) + " alone" if allowed else "no other room"

    def forbidden_to(self, name: str) -> tuple[str, ...]:
        """The built rooms that it may not."""
        allowed = {name, *self.allowed_to(name)}
        return tuple(other for other in self.built if other not in allowed)


def read_house(root: Path) -> House:
    """The table of the repository at `root`."""
    table = tomllib.loads((root / TABLE).read_text(encoding="utf-8"))
    order = tuple(tuple(layer) for layer in table["order"])
    rooms = {name: Room(**entry) for name, entry in table["rooms"].items()}
    return House(order, tuple(table["stopwatches"]), rooms)


def contracts_text(house: House) -> str:
    """What import-linter checks: the order, then one contract for each room that is built."""
    head = {"root_package": "tradewind"}
    order = {
        "name": "rooms import downwards, and every folder is a room",
        "type": "layers",
        "containers": "tradewind",
        "exhaustive": "true",
        "layers": _lines(house.layers),
    }
    sections = [_section("importlinter", head), _section("importlinter:contract:order", order)]
    for name in house.built:
        contract = {
            "name": f"{name} imports {house.told_to(name)}",
            "type": "forbidden",
            "source_modules": f"tradewind.{name}",
            "forbidden_modules": _lines(f"tradewind.{one}" for one in house.forbidden_to(name)),
            "allow_indirect_imports": "true",
        }
        sections.append(_section(f"importlinter:contract:{name}", contract))
    return f"# Written from {TABLE} by `python -m tools.rooms write`.\n" + "\n".join(sections)


def _lines(values: Iterable[str]) -> str:
    return "\n    ".join(("", *values))


def _section(name: str, options: Mapping[str, str]) -> str:
    lines = [
        f"{option} ={value}" if value[0] == "\n" else f"{option} = {value}"
        for option, value in options.items()
    ]
    return "\n".join([f"[{name}]", *lines, ""])


def table_text(house: House) -> str:
    """What people read: the order, and the table in the order of the data's way."""
    rows = [_row(name, room) for name, room in house.rooms.items()]
    return "\n".join(
        [
            "Above imports below; `|` stands between rooms that do not import each other, and what is",
            "in parentheses is not built yet.",
            "",
            *(f"    {layer}" for layer in house.layers),
            "",
            "| room | what lives here | may import, besides `core` | packages |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(name: str, room: Room) -> str:
    label = f"`{name}`" if room.built else f"`{name}` (not built yet)"
    rooms = room.may_import if isinstance(room.may_import, str) else ", ".join(room.may_import)
    vendors = [f"{', '.join(packages)} in `{file}`" for file, packages in room.vendors.items()]
    packages = "; ".join([", ".join(room.packages), *vendors])
    return f"| {label} | {room.holds} | {rooms or '–'} | {packages or '–'} |"


def written(root: Path) -> dict[str, str]:
    """Each file that is written from the table, and what it should say."""
    house = read_house(root)
    document = (root / DOCUMENT).read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(
            f"{DOCUMENT} has no place for the table: put {BEGIN.strip()} and {END} in it"
        )
    return {
        CONTRACTS: contracts_text(house),
        DOCUMENT: f"{before}{BEGIN}{table_text(house)}{END}{after}",
    }


def complaints(root: Path) -> list[str]:
    """Where the table disagrees with the folders, or with what was written from it.

    >>> complaints(ROOT)
    []
    """
    wrong = []
    for name, room in read_house(root).rooms.items():
        if room.built != (root / "src/tradewind" / name / "__init__.py").is_file():
            state = "built, and is no package" if room.built else "not built, and is a package"
            wrong.append(f"{TABLE} says that {name} is {state}: change `built`, or the folder")
    for file, text in written(root).items():
        if not (root / file).is_file() or (root / file).read_text(encoding="utf-8") != text:
            wrong.append(f"{file} is not what {TABLE} says: run `python -m tools.rooms write`")
    return wrong


def main(verb: str) -> int:
    """Write the files, or check that they are current."""
    if verb == "write":
        for file, text in written(ROOT).items():
            (ROOT / file).write_text(text, encoding="utf-8")
    wrong = complaints(ROOT)
    print("\n".join(wrong) or f"{CONTRACTS} and {DOCUMENT} are what {TABLE} says")
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["write"], ["check"]):
        sys.exit("python -m tools.rooms write, or check")
    sys.exit(main(sys.argv[1]))

"""The rules that the source is held to. Each reads a package and returns what breaks it, file by file.

They read text and import nothing, so that a rule can be shown to fail on a planted package:

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     _ = Path(folder, "stage.py").write_text("import time\\nnow = time.time()")
...     raw_clocks(Path(folder), stopwatches=())
['stage.py:2 uses time.time: take the moment as an argument, or a tradewind.core Clock']
"""

import ast
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.rooms import House
from tools.source import Module, read_modules

LOADER = "core/vendors.py"
FINDER = "core/calendar.py"
CLOCK = "core/clock.py"
GENERATORS = "core/rng.py"

DYNAMIC = {
    "builtins.__import__",
    "builtins.compile",
    "builtins.eval",
    "builtins.exec",
    "imp",
    "importlib",
    "pkgutil",
    "runpy",
    "zipimport",
}
METADATA = {"importlib.metadata", "importlib.resources"}
CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "pandas.Timestamp.now",
    "pandas.Timestamp.today",
    "pandas.Timestamp.utcnow",
    "time.asctime",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.strftime",
    "time.time",
    "time.time_ns",
}
STOPWATCHES = {
    f"time.{name}{unit}"
    for name in ("monotonic", "perf_counter", "process_time", "thread_time")
    for unit in ("", "_ns")
}
CODE_BEARING = {
    "_pickle",
    "cloudpickle",
    "dill",
    "joblib.load",
    "marshal",
    "pandas.read_pickle",
    "pickle",
    "shelve",
    "torch.load",
    "yaml.FullLoader",
    "yaml.Loader",
    "yaml.UnsafeLoader",
    "yaml.full_load",
    "yaml.unsafe_load",
}


def stray_folders(package: Path, house: House) -> list[str]:
    """A folder is a declared room, or within one; a folder with code in it has an `__init__.py`.

    Without one, import-linter does not see what is in it. A folder of templates needs none.
    """
    wrong = [
        f"{path.name} is no declared room: name it in tools/rooms.toml, or move it into a room"
        for path in sorted(package.iterdir())
        if path.is_dir() and path.name != "__pycache__" and path.name not in house.built
    ]
    for folder in sorted({package, *(path.parent for path in package.rglob("*.py"))}):
        if not (folder / "__init__.py").is_file():
            place = folder.relative_to(package)
            wrong.append(f"{place} has code and no __init__.py: give it one that says what it is")
    return wrong


def dynamic_imports(package: Path) -> list[str]:
    """Code is imported by name in two files alone: the vendor loader, and the finder of calendars."""
    remedy = f"import it plainly, or load a vendor with tradewind.{_dotted(LOADER)}.load"
    return [
        *_uses(package, DYNAMIC, remedy, allowed=(LOADER,), harmless=METADATA),
        *_uses(package, {"importlib.metadata.entry_points"}, remedy, allowed=(FINDER,)),
    ]


def stray_vendors(package: Path, house: House) -> list[str]:
    """A package outside the standard library is imported where the room table says, and only there."""
    wrong = []
    for module in read_modules(package):
        room = house.rooms.get(module.room)
        rooms_own = room.packages if room else ()
        files_own = room.vendors.get(module.place.partition("/")[2], ()) if room else ()
        for line, vendor in vendors_of(module):
            if vendor not in {*rooms_own, *files_own}:
                wrong.append(
                    f"{module.place}:{line} imports {vendor}: use the file that tools/rooms.toml "
                    "names for it, or name this one there"
                )
    return wrong


def vendors_of(module: Module) -> Iterator[tuple[int, str]]:
    """Packages that a file imports, plainly or through the vendor loader."""
    ours = {"tradewind", *sys.stdlib_module_names}
    for line, name in module.imports():
        vendor = name.partition(".")[0]
        if vendor not in ours:
            yield line, vendor
    for call, name in module.calls():
        if name.endswith("vendors.load"):
            yield call.lineno, _literal(call.args).partition(".")[0]


def _literal(arguments: list[ast.expr]) -> str:
    for argument in arguments[:1]:
        if isinstance(argument, ast.Constant):
            return str(argument.value)
    return "a package named at run time"


def raw_clocks(package: Path, stopwatches: Collection[str]) -> list[str]:
    """The machine's clock is read in one file; the listed files may time work with a stopwatch."""
    remedy = "take the moment as an argument, or a tradewind.core Clock"
    timing = "only the stopwatches of tools/rooms.toml time work; speed belongs in benchmarks/"
    return [
        *_uses(package, CLOCKS, remedy, allowed=(CLOCK,)),
        *_uses(package, STOPWATCHES, timing, allowed=stopwatches),
    ]


def global_randomness(package: Path) -> list[str]:
    """Generators are made in one file, from a seed; numpy's Generator may be named as a type."""
    remedy = "take an rng as an argument; tradewind.core.stream makes one"
    banned = {"random", "numpy.random", "polars.set_random_seed", "torch.manual_seed"}
    harmless = {"numpy.random.Generator"}
    return _uses(package, banned, remedy, allowed=(GENERATORS,), harmless=harmless)


def code_bearing_loaders(package: Path) -> list[str]:
    """Nothing that can run code while it is read is ever read: no pickle, nor what is made of it."""
    remedy = "keep arrays in safetensors, tables in Parquet, the rest in JSON"
    wrong = _uses(package, CODE_BEARING, remedy)
    for module in read_modules(package):
        for call, name in module.calls():
            if any(word.arg == "allow_pickle" for word in call.keywords):
                wrong.append(f"{module.place}:{call.lineno} calls {name} with pickles: {remedy}")
    return wrong


def missing_docstrings(package: Path) -> list[str]:
    """Every file says what it is and why it is so."""
    return [
        f"{module.place} has no docstring: say what it is and why it is so"
        for module in read_modules(package)
        if not ast.get_docstring(module.tree)
    ]


def _uses(
    package: Path,
    banned: Collection[str],
    remedy: str,
    *,
    allowed: Collection[str] = (),
    harmless: Collection[str] = (),
) -> list[str]:
    """Where anything banned, or something in it, is imported or mentioned."""
    return [
        f"{module.place}:{line} uses {name}: {remedy}"
        for module in read_modules(package)
        if module.place not in allowed
        for line, name in module.uses()
        if _within(name, banned) and not _within(name, harmless)
    ]


def _within(name: str, names: Collection[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in names)


def _dotted(place: str) -> str:
    return place.removesuffix(".py").replace("/", ".")

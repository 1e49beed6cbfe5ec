"""Are the packages we need here, new enough, and do they load?"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version

from tradewind.cli.check import Check

LOADED_AS = {"pyyaml": "yaml"}
AGAIN = "install it again with: pip install --force-reinstall"

# Each name is written when its package has loaded: the first that is missing is the culprit, even where
# it took the process down.
LOAD = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    print(name, flush=True)
"""


def package_checks() -> Iterator[Check]:
    """One check if all is well; else one for each package that is not."""
    needed = minimums(requires("tradewind") or ())
    bad = [check for name, least in needed.items() if (check := version_check(name, least))]
    bad = bad or broken([LOADED_AS.get(name, name) for name in needed])
    yield from bad or [Check("packages", "ok", f"all {len(needed)} load, each new enough")]


def minimums(requirements: Sequence[str]) -> Mapping[str, str]:
    """The packages of the core install with the least version of each.

    >>> minimums(["numpy>=2.0", "torch>=2.6; extra == 'neural'"])
    {'numpy': '2.0'}
    """
    core = [one for one in requirements if "extra ==" not in one]
    found = [re.fullmatch(r"([\w.-]+)>=([\w.]+)", one.replace(" ", "")) for one in core]
    return {one[1].lower(): one[2] for one in found if one}


def version_check(name: str, least: str) -> Check | None:
    """What is wrong with the version that is installed, if anything is."""
    wanted = f"{name}>={least}"
    try:
        found = version(name)
    except PackageNotFoundError:
        return Check(name, "error", "is not installed", f"pip install '{wanted}'")
    if numbers(found) < numbers(least):
        return Check(name, "error", f"{found} is too old", f"pip install '{wanted}'")
    return None


def numbers(text: str) -> tuple[int, ...]:
    """A version as numbers that compare, as far as it is numbers.

    >>> numbers("1.10.2") > numbers("1.9") and numbers("2") == numbers("2.0")
    True
    """
    head = re.match(r"\d+(?:\.\d+)*", text)
    parts = [int(part) for part in head[0].split(".")] if head else []
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def broken(modules: Sequence[str]) -> list[Check]:
    """The first of these that does not load, in a process of its own."""
    ran = subprocess.run(  # noqa: S603 - our own interpreter and our own list
        [sys.executable, "-c", LOAD, *modules], capture_output=True, text=True, check=False
    )
    loaded = ran.stdout.split()
    if ran.returncode == 0:
        return []
    culprit = modules[len(loaded)]
    said = ran.stderr.strip().splitlines()
    how = said[-1] if said else f"took its process down (exit status {ran.returncode})"
    return [Check(culprit, "error", f"does not load: {how}", f"{AGAIN} {culprit}")]

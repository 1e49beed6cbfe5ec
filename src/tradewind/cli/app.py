"""The verbs, and how a call that was not understood is told."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli.audit import audit
from tradewind.cli.compact import compact
from tradewind.cli.data import data
from tradewind.cli.dataset import dataset
from tradewind.cli.doctor import doctor
from tradewind.cli.features import features
from tradewind.cli.ingest import ingest
from tradewind.cli.patterns import patterns
from tradewind.cli.quality import check, quarantine
from tradewind.cli.regimes import regimes
from tradewind.cli.sql import sql
from tradewind.cli.synth import synth
from tradewind.cli.up import up
from tradewind.cli.version import version
from tradewind.cli.voice import BROKEN, FINE, Voice
from tradewind.cli.workspace import init

app = typer.Typer(
    name="tradewind",
    help="Forecasts and decisions from market data that tell you whether they are real.",
    epilog="Begin with: tradewind up",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
BEFORE_THE_VERB = 130  # what typer makes of a Ctrl-C that comes before a verb begins

VERBS = {
    verb.__name__: verb
    for verb in (up, init, ingest, check, quarantine, sql, compact, audit, doctor, synth, version)
}
GROUPS = {
    "data": data,
    "dataset": dataset,
    "features": features,
    "regimes": regimes,
    "patterns": patterns,
}
for verb in VERBS.values():
    app.command()(verb)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


def _say_version(asked: bool) -> None:
    if asked:
        version()
        raise typer.Exit(FINE)


@app.callback()
def before_the_verb(
    _: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_say_version, help="The same as `version`."
        ),
    ] = False,
) -> None:
    """What may be said before a verb."""


def run(arguments: Sequence[str]) -> int:
    """Run one verb; what is returned is the exit code.

    >>> run(["version", "--jsn", "--json"])
    {"error":"Misuse","rule":"No such option: --jsn (Possible options: --json)","remedy":"see
    tradewind version --help"}
    2
    """
    voice = Voice(as_json="--json" in arguments)
    try:
        with voice.guarded():
            code = app(list(arguments), prog_name=_our_name(), standalone_mode=False) or FINE
            if code == BEFORE_THE_VERB:
                raise KeyboardInterrupt
            return int(code)
    except typer.TyperException as error:
        if message := error.format_message():
            voice.complain("Misuse", message.rstrip("."), f"see {_called(arguments)} --help")
        return BROKEN
    except typer.Exit as ended:
        return ended.exit_code


def _our_name() -> str:
    """The name we were called by, so that the completion of either name answers."""
    return "tw" if Path(sys.argv[0]).name == "tw" else "tradewind"


def _called(arguments: Sequence[str]) -> str:
    """What was called: the verb, with its group if it is of one, or the group alone.

    >>> _called(["features", "log", "--sla-s", "-1"]), _called(["features", "lag"])
    ('tradewind features log', 'tradewind features')
    """
    verb = next((one for one in arguments if one in (*VERBS, *GROUPS)), "")
    of_group = GROUPS[verb].registered_commands if verb in GROUPS else ()
    names = [one.name or getattr(one.callback, "__name__", "") for one in of_group]
    inner = next((one for one in arguments if one in names), "")
    return f"tradewind {verb} {inner}".strip()

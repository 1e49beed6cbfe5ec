"""An interruption ends a run the same way wherever it comes, inside the compiler too."""

import os
import subprocess
import sys

import pytest

from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market

STOPPED_BY_ITSELF = """
import os, signal, sys
from numba.core.codegen import JITCodeLibrary
from tradewind.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)
told = JITCodeLibrary._object_compiled_hook.__func__

def interrupted(cls, module, data):
    os.kill(os.getpid(), signal.{stop})
    told(cls, module, data)

JITCodeLibrary._object_compiled_hook = classmethod(interrupted)
sys.exit(main())
"""


MADE_ANOTHER_ERROR = """
import os, signal, sys
from tradewind.cli import app, main

def run(arguments):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except KeyboardInterrupt as error:
        raise ValueError("cannot be serialised: KeyboardInterrupt")

app.app = lambda arguments, **_: run(arguments)
sys.exit(main())
"""


def ended(code: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_interruption_that_native_code_calls_otherwise_is_one() -> None:
    ran = ended(MADE_ANOTHER_ERROR, "version")
    assert ran.stderr == "error: interrupted: nothing is half-written; run it again\n"
    assert ran.returncode == 2


@pytest.fixture(scope="module", params=["SIGINT", "SIGTERM"])
def interrupted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> subprocess.CompletedProcess[str]:
    """A first run, which is interrupted by the first kernel that is compiled."""
    folder = tmp_path_factory.mktemp("stopped")
    MarketStore(folder / "w").append(make_market("equity", 1, 60).panel)
    code, compiled = STOPPED_BY_ITSELF.format(stop=request.param), str(folder / "compiled")
    verb = "regimes", "fit", "--workspace", str(folder / "w")
    return ended(code, *verb, NUMBA_CACHE_DIR=compiled)


def test_an_interruption_while_a_kernel_is_compiled_is_no_traceback(
    interrupted: subprocess.CompletedProcess[str],
) -> None:
    last = interrupted.stderr.splitlines()[-1]
    assert last == "error: interrupted: nothing is half-written; run it again"
    assert "Traceback" not in interrupted.stderr
    assert interrupted.returncode == 2


def test_a_first_run_says_that_it_compiles(interrupted: subprocess.CompletedProcess[str]) -> None:
    assert interrupted.stderr.count("  compiling, which takes some seconds the first time\n") == 1

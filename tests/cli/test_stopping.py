"""An interruption ends a run the same way wherever it comes, inside the compiler too."""

import os
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize("stop", ["SIGINT", "SIGTERM"])
def test_an_interruption_while_a_kernel_is_compiled_is_no_traceback(
    stop: str, tmp_path: Path
) -> None:
    MarketStore(tmp_path / "w").append(make_market("equity", 1, 60).panel)
    code, verb = STOPPED_BY_ITSELF.format(stop=stop), ("regimes", "fit")
    ran = subprocess.run(
        [sys.executable, "-c", code, *verb, "--workspace", str(tmp_path / "w")],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "compiled")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr.splitlines()[-1] == (
        "error: interrupted: nothing is half-written; run it again"
    )
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 2

"""A dataset as a folder: tables, arrays and a manifest that vouches for each; nothing in it is code."""

import json
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tradewind.context.bands import Bands
from tradewind.context.rule_labels import LabelState
from tradewind.core import Dataset, Panel
from tradewind.core.arrays import Flags, Floats
from tradewind.core.errors import WorkspaceError
from tradewind.data.alignment import AlignedView, Tensor
from tradewind.pipelines.dataset.parts import Parts
from tradewind.storage.files import open_inside, publish_folder
from tradewind.storage.json_text import to_json
from tradewind.storage.objects import digest, make_folder

FORMAT = 1
MANIFEST = "manifest.json"
AGAIN = "build it again with `tradewind dataset build`"


def save_dataset(path: Path, parts: Parts, lineage: Mapping[str, Any]) -> Mapping[str, Any]:
    """Publish a dataset in the place of the one that is there; the manifest, which depends on the
    content alone.

    >>> from tempfile import TemporaryDirectory
    >>> rows = pl.DataFrame({"decided_at": [datetime(2024, 1, 2)], "symbol": ["ACME"], "mom": [0.1]})
    >>> rows = rows.cast({"decided_at": pl.Datetime("us", "UTC"), "symbol": pl.Enum(["ACME"])})
    >>> parts = Parts(Dataset(rows, ("mom",)))
    >>> with TemporaryDirectory() as folder:
    ...     manifest = save_dataset(Path(folder, "dataset"), parts, {"data": "by hand"})
    ...     [*manifest["files"]], load_dataset(Path(folder, "dataset")) == parts
    (['rows.parquet'], True)
    """
    files = _files(parts)
    manifest = {
        "format": FORMAT,
        "lineage": lineage,
        "rows": {"features": parts.rows.features, "outcome": parts.rows.outcome},
        **_axes(parts),
        "files": {
            name: {"size": len(data), "sha256": digest(data)} for name, data in files.items()
        },
    }
    make_folder(path.parent)
    publish_folder(path, {**files, MANIFEST: to_json(manifest)})
    return manifest


def load_dataset(path: Path) -> Parts:
    """The dataset in a folder; every file is what the manifest says before anything parses it."""
    manifest = _manifest(path)
    files = {name: _verified(path, name, told) for name, told in manifest["files"].items()}
    tables = {
        name.removesuffix(".parquet"): pl.read_parquet(data)
        for name, data in files.items()
        if name.endswith(".parquet")
    }
    rows, bands, view = manifest["rows"], manifest.get("bands"), manifest.get("view")
    at = bands and bands.pop("at")
    return Parts(
        Dataset(tables["rows"], tuple(rows["features"]), rows["outcome"]),
        Panel(tables["regimes"]) if bands else None,
        LabelState.restored(Bands(**bands), _moment(at), tables["state"]) if bands else None,
        _view(tables["view"], view) if view else None,
        _tensor(files, tables["moments"], view) if view else None,
    )


def _files(parts: Parts) -> dict[str, bytes]:
    files = {"rows.parquet": _parquet(parts.rows.table)}
    if parts.regimes is not None and parts.state is not None:
        files["regimes.parquet"] = _parquet(parts.regimes.table)
        files["state.parquet"] = _parquet(parts.state.table)
    if parts.view is not None and parts.tensor is not None:
        files["view.parquet"] = _parquet(parts.view.table)
        files["values.npy"] = _npy(parts.tensor.values)
        files["mask.npy"] = _npy(parts.tensor.mask)
        files["moments.parquet"] = _parquet(_moments(parts.tensor.times))
    return files


def _axes(parts: Parts) -> dict[str, Any]:
    """What the bare arrays and tables cannot say of themselves."""
    told: dict[str, Any] = {}
    if parts.state is not None:
        bands = parts.state.bands
        told["bands"] = {"low": bands.low, "high": bands.high, "least": bands.least}
        told["bands"]["at"] = parts.state.at and parts.state.at.isoformat()
    if parts.view is not None:
        told["view"] = {
            "name": parts.view.name,
            "columns": parts.view.columns,
            "symbols": parts.view.symbols,
            "fill_limit": parts.view.fill_limit,
            "dropped": [when.isoformat() for when in parts.view.dropped],
        }
    return told


def _manifest(path: Path) -> dict[str, Any]:
    try:
        with open_inside(path, MANIFEST) as file:
            manifest: dict[str, Any] = json.loads(file.read())
        newer = int(manifest["format"]) > FORMAT
    except (ValueError, KeyError, TypeError):
        raise WorkspaceError(f"{path / MANIFEST} cannot be read", AGAIN) from None
    if newer:
        raise WorkspaceError(
            f"{path} is in format {manifest['format']}, and this version reads {FORMAT}",
            "use the newer tradewind that made it, or build it again",
        )
    return manifest


def _verified(path: Path, name: str, told: Mapping[str, Any]) -> bytes:
    with open_inside(path, name) as file:
        data = file.read()
    if digest(data) != told["sha256"]:
        raise WorkspaceError(f"{path / name} is not what its manifest says", AGAIN)
    return data


def _view(table: pl.DataFrame, told: Mapping[str, Any]) -> AlignedView:
    dropped = tuple(datetime.fromisoformat(when) for when in told["dropped"])
    return AlignedView(told["name"], tuple(told["columns"]), told["fill_limit"], table, dropped)


def _tensor(files: Mapping[str, bytes], moments: pl.DataFrame, told: Mapping[str, Any]) -> Tensor:
    values, mask = (np.load(BytesIO(files[f"{name}.npy"])) for name in ("values", "mask"))
    return Tensor(
        values, mask, tuple(moments["at"]), tuple(told["symbols"]), tuple(told["columns"])
    )


def _moments(times: tuple[datetime, ...]) -> pl.DataFrame:
    return pl.DataFrame({"at": times}, schema={"at": pl.Datetime("us", "UTC")})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _parquet(table: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def _npy(array: Floats | Flags) -> bytes:
    """Plain numbers: numpy's own format, in which only objects would need a pickle."""
    buffer = BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()

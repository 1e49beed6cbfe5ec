"""`feature`: a feature of one's own, as a function of polars expressions, held to what it declares.

    @feature(lookback=20, units="ratio")
    def distance(close: pl.Expr) -> pl.Expr:
        "how far the close is from its mean"
        return close / close.rolling_mean(20) - 1

The parameters name the columns of the bars that it reads. It is tried on made bars before it is taken:
one that reads further back than it says, or ahead, is refused.
"""

import ast
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from textwrap import dedent

import numpy as np
import polars as pl

from tradewind.core.arrays import Floats, Ints
from tradewind.core.errors import BadTable, Misuse, nearest
from tradewind.core.rng import stream
from tradewind.features.beside import texts_of
from tradewind.features.families import WindowFamily
from tradewind.features.spec import FeatureSpec, Units

TOLERANCE = 1e-6
COLUMNS = ("open", "high", "low", "close", "volume", "vwap")
TRIED = 200  # made bars beyond the lookback on which a feature is tried
PLACES = 12  # of its values that are compared
MOST = 100_000  # bars that one may read
Written = Callable[..., pl.Expr]


@dataclass(frozen=True)
class Own:
    """A feature that somebody wrote: its name, what it reads, what it declares, the expression, the text
    of the function, and one that is another whenever the feature may be.

    >>> @feature(lookback=2, units="ratio")
    ... def change(close: pl.Expr) -> pl.Expr:
    ...     "against the bar before"
    ...     return close / close.shift(1) - 1
    >>> change.name, change.inputs, change.doc
    ('change', ('close',), 'against the bar before')
    """

    name: str
    inputs: tuple[str, ...]
    lookback: int
    units: Units
    doc: str
    expression: pl.Expr
    text: str
    definition: str

    def __post_init__(self) -> None:
        """Refuse where it is written what it may not be called, read or be measured in."""
        if type(self.lookback) is not int or not 1 <= self.lookback <= MOST:
            raise Misuse(
                f"the feature {self.name!r} reads {self.lookback!r} bars",
                f"give a whole number from 1 to {MOST:,}, its own bar included",
            )
        self.spec("yours")

    def spec(self, family: str) -> FeatureSpec:
        """What it is, as a member of a family."""
        return FeatureSpec(
            self.name,
            family,
            self.inputs,
            self.lookback,
            self.units,
            self.doc,
            _formula(self.text),
            TOLERANCE,
        )


def feature(*, lookback: int, units: Units) -> Callable[[Written], Own]:
    """Declare the function below as a feature that reads so many bars, its own included."""

    def declared(written: Written) -> Own:
        inputs = tuple(inspect.signature(written).parameters)
        doc = (inspect.getdoc(written) or "").partition("\n")[0]
        name = getattr(written, "__name__", "")
        if not doc:
            raise Misuse(f"the feature {name!r} has no docstring", "say in one line what it is")
        if not inputs:
            raise Misuse(f"the feature {name!r} reads no column", "name one as a parameter")
        expression = written(*(pl.col(column) for column in inputs))
        if not isinstance(expression, pl.Expr):
            raise Misuse(
                f"the feature {name!r} returns {type(expression).__name__}",
                "return a polars expression of its columns",
            )
        text = inspect.getsource(written)
        definition = _definition(written, expression)
        return Own(name, inputs, lookback, units, doc, expression, text, definition)

    return declared


def _definition(written: Written, expression: pl.Expr) -> str:
    """What is computed, constants and all, as polars keeps it; and for what calls Python, of which it
    keeps nothing, the text of the file and of those that it imports from beside it."""
    try:
        kept = expression.meta.serialize().hex()
    except pl.exceptions.ComputeError:
        kept = "calls Python"
    file = Path(inspect.getsourcefile(written) or "")
    texts = texts_of(file) if file.is_file() else (inspect.getsource(written),)
    return sha256("\n".join([kept, *texts]).encode()).hexdigest()


def _formula(text: str) -> str:
    """What a function does, as it is written: all of its body, for what it returns may be but a name.

    >>> _formula("def twice(close):\\n    return  2*close")
    '2 * close'
    >>> _formula("def twice(close):\\n    'twice'\\n    two = 2\\n    made = two*close\\n    return made")
    'two = 2; made = two * close; made'
    """
    written = ast.parse(dedent(text)).body[0]
    assert isinstance(written, ast.FunctionDef)
    body = [node for node in written.body if not _is_text(node)]
    return "; ".join(ast.unparse(node).removeprefix("return ") for node in body)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A kernel of expressions: each over the bars of one segment alone, and null where it is not finite."""

    inputs: tuple[str, ...]
    features: tuple[Own, ...]

    def __call__(self, bars: Floats, offsets: Ints, first: Ints) -> Floats:  # noqa: ARG002
        rows = int(offsets[-1])
        columns = {
            name: pl.Series(row[:rows]).fill_nan(None)
            for name, row in zip(self.inputs, bars, strict=True)
        }
        segment = pl.Series(np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)))
        table = pl.DataFrame({**columns, " segment": segment})
        values = table.select(_finite(one).alias(one.name) for one in self.features)
        out = np.full((len(self.features), bars.shape[1]), np.nan)
        for place, one in enumerate(self.features):
            out[place, :rows] = values[one.name].fill_null(np.nan).to_numpy()
        return out

    def __repr__(self) -> str:
        """What it computes, to tell it from any other."""
        return " ".join(one.definition for one in self.features)


def _finite(one: Own) -> pl.Expr:
    value = one.expression.cast(pl.Float64).over(" segment")
    return pl.when(value.is_finite()).then(value)


def family_of(name: str, features: Sequence[Own], columns: Iterable[str] = COLUMNS) -> WindowFamily:
    """Features of one's own as a family, each tried first; `columns` are those that the bars have.

    >>> @feature(lookback=2, units="price")
    ... def mean_price(close: pl.Expr) -> pl.Expr:
    ...     "mean of three closes, and two are declared"
    ...     return close.rolling_mean(3)
    >>> family_of("mine", [mean_price])
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: the feature 'mean_price' is null of the 2 bars that it declares, and of
    more it is not: declare its true lookback
    """
    for one in features:
        known = {*columns}
        for column in one.inputs:
            if column not in known:
                rule = f"the feature {one.name!r} reads a column {column!r} that the bars lack"
                raise BadTable(rule, nearest(column, known))
        _try_out(one)
    inputs = tuple(dict.fromkeys(column for one in features for column in one.inputs))
    specs = tuple(one.spec(name) for one in features)
    kernel = Evaluated(inputs, tuple(features))
    return WindowFamily(name, f"features of your own, from {name}.py", inputs, specs, kernel)


def _try_out(one: Own) -> None:
    """Refuse a feature whose value is not a function of the bars that it declares, and of no others."""
    kernel, size = Evaluated(one.inputs, (one,)), one.lookback + TRIED
    bars = _made(one, size)
    try:
        whole, again = _values(kernel, bars), _values(kernel, bars)
    except pl.exceptions.PolarsError as error:
        rule = f"the feature {one.name!r} cannot be computed ({str(error).splitlines()[0]})"
        raise Misuse(rule, "try it on a frame of your own") from error
    if not np.array_equal(whole, again, equal_nan=True):
        raise Misuse(
            f"the feature {one.name!r} is random: of the same bars it says another thing each time",
            "let it be a function of its bars alone: no shuffle, no sample",
        )
    if np.isnan(whole).all():
        raise Misuse(
            f"the feature {one.name!r} has no value on {size} made bars",
            "declare its true lookback, and divide by nothing that is always 0",
        )
    scale = np.nanmax(np.abs(whole), initial=0.0)
    for row in np.linspace(one.lookback - 1, size - 2, PLACES).astype(int).tolist():
        until = _values(kernel, bars[:, : row + 1])[row]
        if not _same(until, whole[row], scale):
            raise Misuse(
                f"the feature {one.name!r} changes from {until:g} to {whole[row]:g} when later bars come",
                "read no bar after its own: no shift(-1), no mean over everything",
            )
        window = _values(kernel, bars[:, row + 1 - one.lookback : row + 1])[-1]
        if np.isnan(window) and not np.isnan(until):
            raise Misuse(
                f"the feature {one.name!r} is null of the {one.lookback} bars that it declares, and "
                "of more it is not",
                "declare its true lookback",
            )
        if not _same(window, until, scale):
            raise Misuse(
                f"the feature {one.name!r} is {window:g} of the {one.lookback} bars that it declares, "
                f"and {until:g} of more",
                "declare its true lookback, or make it forget what lies further back",
            )


def _same(one: float, other: float, scale: float) -> bool:
    return bool(np.isclose(one, other, rtol=TOLERANCE, atol=TOLERANCE * scale, equal_nan=True))


def _values(kernel: Evaluated, bars: Floats) -> Floats:
    values: Floats = kernel(bars, np.array([0, bars.shape[1]]), np.array([0]))[0]
    return values


def _made(one: Own, size: int) -> Floats:
    """(inputs, bars) that move as prices and volumes do."""
    rng = stream(1, f"trying {one.name}")
    price = 50 * np.exp(rng.normal(0, 0.02, size).cumsum())
    made = {
        "open": price * np.exp(rng.normal(0, 0.005, size)),
        "high": price * np.exp(rng.uniform(0.005, 0.02, size)),
        "low": price / np.exp(rng.uniform(0.005, 0.02, size)),
        "close": price,
        "vwap": price * np.exp(rng.normal(0, 0.002, size)),
    }
    return np.vstack([made.get(name, rng.lognormal(5, 0.5, size)) for name in one.inputs])

"""`Drawing`: one SVG picture under way, escaped by construction, coloured by the page's stylesheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import final
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from tradewind.core.arrays import Floats


@final
@dataclass(frozen=True)
class Drawing:
    """Shapes in a box of so many pixels, with a name and a description for those who cannot see it.

    Marks carry a class, not a colour, so that one picture serves light, dark and paper. Text is data:

    >>> drawing = Drawing(100, 20, title="p(up) of <script>", description="")
    >>> drawing.rect(0, 0, 50, 20, "model", tip="0.5 & no more")
    >>> print(drawing)
    <svg viewBox="0 0 100 20" role="img" class="drawing"><title>p(up) of &lt;script&gt;</title><rect
    class="model" x="0" y="0" width="50" height="20"><title>0.5 &amp; no more</title></rect></svg>
    """

    width: float
    height: float
    title: str
    description: str
    name: str = "drawing"
    root: Element = field(init=False, repr=False)

    def __post_init__(self) -> None:
        box = f"0 0 {short(self.width)} {short(self.height)}"
        root = Element("svg", {"viewBox": box, "role": "img", "class": self.name})
        SubElement(root, "title").text = self.title
        if self.description:
            SubElement(root, "desc").text = self.description
        object.__setattr__(self, "root", root)

    def mark(self, shape: str, kind: str, tip: str = "", **places: float | str) -> Element:
        """One shape of a class; `tip` is what a pointer that rests on it is told."""
        attributes = {"class": kind} if kind else {}
        for name, place in places.items():
            text = place if isinstance(place, str) else short(place)
            attributes[name.replace("_", "-")] = text
        drawn = SubElement(self.root, shape, attributes)
        if tip:
            SubElement(drawn, "title").text = tip
        return drawn

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str, tip: str = "") -> None:
        self.mark("line", kind, tip, x1=x1, y1=y1, x2=x2, y2=y2)

    def rect(
        self, x: float, y: float, width: float, height: float, kind: str, tip: str = ""
    ) -> None:
        self.mark("rect", kind, tip, x=x, y=y, width=max(width, 0), height=max(height, 0))

    def circle(self, x: float, y: float, radius: float, kind: str, tip: str = "") -> None:
        self.mark("circle", kind, tip, cx=x, cy=y, r=radius)

    def text(self, x: float, y: float, words: str, kind: str, anchor: str = "start") -> None:
        self.mark("text", kind, x=x, y=y, text_anchor=anchor).text = words

    def path(
        self,
        points: Iterable[tuple[float, float]],
        kind: str,
        *,
        closed: bool = False,
        tip: str = "",
    ) -> None:
        """A line through these points; one that is NaN breaks it."""
        steps, pen = [], "M"
        for x, y in points:
            if not np.isfinite(y):
                pen = "M"
                continue
            steps.append(f"{pen}{short(x)} {short(y)}")
            pen = "L"
        if steps:
            self.mark("path", kind, tip, d="".join(steps) + ("Z" if closed else ""))

    def curve(self, x: Floats, y: Floats, kind: str) -> None:
        self.path(zip(x.tolist(), y.tolist(), strict=True), kind)

    def __str__(self) -> str:
        return tostring(self.root, encoding="unicode")


def short(place: float) -> str:
    """A coordinate to a tenth of a pixel, in as few characters as it takes.

    >>> short(12.04), short(-0.01), short(3.26)
    ('12', '0', '3.3')
    """
    return f"{round(place, 1) + 0.0:g}" if abs(place) < 1e5 else f"{place:.0f}"


def apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The same places moved as little as keeps labels a gap apart, inside [low, high].

    >>> apart([12.0, 10.0, 50.0], 14.0, 0.0, 60.0)
    [18.0, 4.0, 50.0]
    """
    order = sorted(range(len(places)), key=places.__getitem__)
    wanted = [places[i] for i in order]
    between = [
        (down + up) / 2 for down, up in zip(_down(wanted, gap), _up(wanted, gap), strict=True)
    ]
    inside = [min(at, high) for at in _down([max(at, low) for at in between], gap)]
    moved = dict(zip(order, _up(inside, gap), strict=True))
    return [moved[i] for i in range(len(places))]


def _down(places: Iterable[float], gap: float) -> list[float]:
    """Each at least a gap below the one above it."""
    return list(accumulate(places, lambda above, here: max(here, above + gap)))


def _up(places: Sequence[float], gap: float) -> list[float]:
    """Each at least a gap above the one below it."""
    return [-place for place in reversed(_down((-place for place in reversed(places)), gap))]

"""The page tells the truth, to everyone, and to nobody else's server."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Any

import polars as pl
import pytest

from tradewind.core import Finding, Score, Scorecard
from tradewind.reporting.page import render
from tradewind.reporting.readings import read

EVIL = '"><script>alert(1)</script><img src="https://evil.example/x">'
LEAK = Finding("leak.shift", "error", "feature momentum", "knows the next bar", "drop it")
NAN = float("nan")


def test_the_page_says_so_when_the_model_is_not_better(tell: Any, outline: Any) -> None:
    page = outline(render(tell(better=False)))
    (banner,) = page.all("section", "verdict")
    assert "not-better" in banner.attributes["class"]
    assert "NOT better than the baseline" in banner.text
    assert "nothing here says that it is not luck" in banner.text


def test_the_page_says_so_when_the_model_is_better(tell: Any, outline: Any) -> None:
    (banner,) = outline(render(tell())).all("section", "verdict")
    assert "better" in banner.attributes["class"].split()
    assert "Better than the baseline" in banner.text
    assert "NOT" not in banner.text


def test_an_error_among_the_findings_outweighs_every_score(tell: Any, outline: Any) -> None:
    story = tell()
    story = replace(story, card=replace(story.card, findings=(*story.card.findings, LEAK)))
    page = outline(render(story))
    (banner,) = page.all("section", "doubtful")
    assert "Better than the baseline, but not to be trusted" in banner.text
    assert "1 finding is an error: until that is resolved, no figure here can be" in banner.text
    assert page.all("section", "better") == []
    assert "leak.shift" in page.all("tr", "error")[0].text
    assert page.all("tr")[-4].attributes["class"] == "error"


@pytest.mark.parametrize("better", [True, False])
def test_every_score_appears_with_its_interval_and_its_baseline(
    tell: Any, outline: Any, better: bool
) -> None:
    story = tell(better=better)
    (cards,) = outline(render(story)).all("ul", "scores")
    assert len(story.card.scores) == 10
    for score in story.card.scores:
        reading = read(score)
        words = re.escape(reading.label) + r"\s+" + re.escape(reading.value)
        assert re.search(words + r"[\w\s]*" + re.escape(reading.interval), cards.text)
        assert reading.baseline is None or f"baseline {reading.baseline}" in cards.text


def test_a_score_that_nobody_foresaw_is_shown_too(tell: Any) -> None:
    card = Scorecard("toy", (Score("tail_ratio", 1.234, 1.1, 1.4, "left by right"),))
    page = render(replace(tell(), card=card))
    assert "Tail ratio" in page
    assert "left by right" in page


def test_names_from_a_file_stay_text(tell: Any, outline: Any) -> None:
    story = tell()
    finding = Finding(EVIL, "warning", EVIL, EVIL, EVIL)
    names = pl.Enum([f"{EVIL}{i}" for i in range(len(story.forecast))])
    renamed = {"symbol": pl.Series(names.categories, dtype=names)}
    page = render(
        replace(
            story,
            card=Scorecard(EVIL, (Score(EVIL, 1.0, 0.0, 2.0, EVIL),), (finding,)),
            verdict=EVIL,
            forecast=replace(story.forecast, table=story.forecast.table.with_columns(**renamed)),
            decision=replace(story.decision, table=story.decision.table.with_columns(**renamed)),
            measured=((EVIL, EVIL),),
            facts={EVIL: EVIL, "seed": EVIL},
        )
    )
    found = outline(page)
    assert EVIL not in page
    assert len(found.all("script")) == 1
    assert found.all("img") == []
    assert len([name for name in found.all("bdi") if name.text.startswith(EVIL)]) == 36


def test_the_page_asks_for_nothing_from_outside(tell: Any, outline: Any) -> None:
    page = render(tell())
    for element in outline(page).elements:
        assert element.tag not in {"img", "iframe", "object", "embed", "base", "form"}
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert element.attributes.get(name, "#")[:5] in {"#", "data:", "#find"}
    for call in ("http:", "https:", "//", "@import", "url(", "fetch(", "XMLHttp", "WebSocket"):
        assert call not in page


def test_only_the_style_and_the_script_of_the_page_may_run(tell: Any, outline: Any) -> None:
    page = outline(render(tell()))
    (policy,) = [meta for meta in page.all("meta") if "http-equiv" in meta.attributes]
    assert policy.attributes["content"].startswith("default-src 'none'; img-src data:; ")
    for tag in ("style", "script"):
        (part,) = page.all(tag)
        digest = b64encode(sha256(part.text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy.attributes["content"]
    for element in page.elements:
        assert not [name for name in element.attributes if name == "style" or name[:2] == "on"]


def test_every_picture_has_a_name_and_every_table_a_caption(tell: Any, outline: Any) -> None:
    page = outline(render(tell()))
    pictures = [svg for svg in page.all("svg") if "aria-hidden" not in svg.attributes]
    titles = [title for title in page.all("title") if title.inside[-1] == "svg"]
    assert len(pictures) == len(titles) > 45
    assert all(title.text for title in titles)
    assert len(page.all("caption")) == len(page.all("table")) == 5
    assert all(svg.attributes["role"] == "img" for svg in pictures)


def test_headings_and_sections_refer_to_each_other(tell: Any, outline: Any) -> None:
    page = outline(render(tell()))
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    sections = page.all("section")
    assert {section.attributes["aria-labelledby"] for section in sections} <= set(ids)
    assert len(page.all("h1")) == 1
    assert len(page.all("h2")) == len(sections) == 10


def test_a_story_with_nothing_in_it_is_told_as_such(tell: Any, outline: Any) -> None:
    story = tell()
    empty = replace(
        story,
        card=Scorecard("nothing", ()),
        forecast=replace(story.forecast, table=story.forecast.table.clear()),
        decision=replace(story.decision, table=story.decision.table.clear()),
        reliability=story.reliability.clear(),
        equity=story.equity.clear(),
        skill=story.skill.clear(),
        regimes=story.regimes.clear(),
        regime="",
        ceiling=None,
        measured=(),
        facts={},
    )
    page = outline(render(empty))
    said = [p.text for p in page.all("p", "nothing")]
    assert said == [
        "Nothing was scored.",
        "No symbol is forecast at this moment.",
        "No forecast has come due, so nothing is known of its reliability.",
        "Nothing was traded, so there is no curve to draw.",
        "No fold was scored.",
        "The inspectors that ran found nothing to say.",
        "This run does not say how it measured. Believe nothing on this page.",
        "None were told.",
    ]


@pytest.mark.parametrize("symbols", [1, 20, 21, 500])
def test_the_twenty_symbols_that_differ_most_are_shown_and_the_rest_folded(
    tell: Any, outline: Any, symbols: int
) -> None:
    page = outline(render(tell(symbols=symbols)))
    tables = page.all("table", "outlook")
    shown = [name for name in page.all("bdi") if name.inside.count("details") == 0]
    assert len(shown) == min(symbols, 20)
    assert len(page.all("bdi")) == symbols
    assert len(tables) == (2 if symbols > 20 else 1)
    if symbols > 20:
        (rest,) = page.all("details", "rest")
        left = symbols - 20
        assert f"{left} more symbol{'s' if left > 1 else ''}" in rest.text


def test_what_is_not_known_is_said_to_be_not_known(tell: Any, outline: Any) -> None:
    story = tell()
    holes = pl.when(pl.int_range(pl.len()) % 7 == 0).then(None)
    card = Scorecard(
        "holes",
        (
            Score("log_loss_skill", NAN, None, None, "share", NAN),
            Score("sharpe", float("inf"), NAN, NAN, ""),
        ),
    )
    story = replace(
        story,
        card=card,
        reliability=story.reliability.with_columns(low=pl.lit(None), high=pl.lit(NAN)),
        equity=story.equity.with_columns(
            model=holes.otherwise(pl.col("model")), baseline=pl.lit(NAN)
        ),
        skill=story.skill.with_columns(low=pl.lit(NAN), skill=holes.otherwise(pl.col("skill"))),
        ceiling=NAN,
    )
    text = render(story)
    page = outline(text)
    assert "n/a" in page.all("ul", "scores")[0].text
    told = page.all("body")[0].text.partition("localStorage")[0]
    assert not re.search(r"\b(nan|inf|None|null)\b", told, re.IGNORECASE)
    drawn = " ".join(v for e in page.elements for k, v in e.attributes.items() if k != "title")
    assert not re.search(r"\b(nan|inf)\b", drawn)


def test_a_symbol_that_abstains_or_lacks_a_forecast_says_so(tell: Any) -> None:
    story = tell(symbols=3)
    rows = story.forecast.table.with_columns(
        abstains=pl.Series([True, False, False]),
        reason=pl.Series(["too few bars", "", ""]),
        degraded=pl.Series([[], ["patterns: timed out"], []], dtype=pl.List(pl.String)),
    )
    page = render(replace(story, forecast=replace(story.forecast, table=rows[:2])))
    assert "abstains: too few bars" in page
    assert "without patterns: timed out" in page
    assert "no forecast" in page


def test_the_reasons_of_a_weight_are_told_in_their_order(tell: Any, outline: Any) -> None:
    page = outline(render(tell()))
    first = next(reasons for reasons in page.all("details") if "cap:" in reasons.text)
    before, after = first.text.index("allocator: 0.0 % to"), first.text.rindex("cap: ")
    assert before < after
    assert "to 10.0 %, at most 10 % in one symbol" in first.text


def test_the_skill_in_each_regime_is_told_and_left_out_where_none_is_known(
    tell: Any, outline: Any
) -> None:
    story = tell()
    page = render(story)
    assert "Now: high volatility since 3 Mar 2024." in page
    headings = [element.text for element in outline(page).all("th")]
    assert {"low volatility", "normal", "high volatility"} <= {*headings}
    without = render(replace(story, regimes=story.regimes.clear(), regime=""))
    assert "Skill per regime" not in without


def test_the_same_story_makes_the_same_page(tell: Any) -> None:
    assert render(tell()) == render(tell())


def test_text_that_is_no_unicode_still_makes_a_page(tell: Any) -> None:
    page = render(replace(tell(), facts={"file": "bars\udcff.csv"}))
    assert "bars?.csv" in page
    assert page.encode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(tell: Any, scheme: str) -> None:
    colours = palette(render(tell()), scheme)
    pairs = [
        *((text, ground) for text in ("ink", "soft", "model", "baseline", "care", "bad")
          for ground in ("paper", "sheet")),
        *((tone, f"{tone}-wash") for tone in ("good", "care", "bad")),
        *((text, wash) for text in ("ink", "soft") for wash in ("good-wash", "care-wash", "bad-wash")),
    ]  # fmt: skip
    assert len(pairs) == 21
    weak = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


def palette(page: str, scheme: str) -> dict[str, str]:
    """The colours of the page by their names; the dark ones are those that come second."""
    found: dict[str, list[str]] = {}
    for name, colour in re.findall(r"--([a-z-]+): (#[0-9a-f]{6})\b", page):
        found.setdefault(name, []).append(colour)
    return {name: colours[0 if scheme == "light" else 1] for name, colours in found.items()}


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_what_the_strongest_calls_resemble_is_told_and_left_out_where_nothing_does(
    tell: Any,
) -> None:
    row = {"symbol": "<b>A", "names": ["BOLT window 1d 2020-03-09"], "similarity": 0.8}
    ends = {"effective": 31.4, "low": -0.05, "median": 0.01, "high": 0.06, "rose": 0.55}
    story = replace(tell(), resembled=pl.DataFrame([row | ends]))
    page = render(story)
    assert "BOLT window 1d 2020-03-09" in page
    assert "<b>A" not in page
    assert "The past that resembles now" not in render(tell())

"""The room where a result is told to a person: one page, and a dozen lines for a terminal.

    Story      story.py      what a run has to tell: scores, verdict, forecast, decision, and how it went
    figures    figures.py    a number as people read it, no finer than its interval allows
    readings   readings.py   a score by its plain name, with what its value means
    axes       axes.py       scales, and ticks at round numbers and at the turn of months and years
    svg        svg.py        a drawing under way, escaped by construction
    gauges     gauges.py     a gauge for one score, a bar for one probability
    charts     charts.py     reliability diagram, skill per fold
    curves     curves.py     equity and drawdown over time
    outlook    outlook.py    the latest moment, symbol by symbol
    verdict    verdict.py    the headline, and what an error among the findings means for it
    page       page.py       render(story): one HTML file that asks for nothing from outside
    filling    filling.py    a template with its values in it, escaped, and the digests of its parts
    terminal   terminal.py   summary(story): the same in plain lines

What a workspace holds, and how good it is, are told likewise:

    Coverage       coverage.py       tables, symbols, gaps; coverage_page.py, coverage_text.py, heat.py
    QualityReport  quality.py        findings, examples, quarantine; quality_page.py, flagged.py
    Audit          audit_page.py     what knows the future, with a picture of each leak

Nothing here measures. A result that is bad is shown as plainly as one that is good, and a figure
that is not known is "n/a", never a blank.
"""

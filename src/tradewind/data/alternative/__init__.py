"""Alternative data: what is known of a market besides its bars, joined as of the moment it was known.

    AlternativeDataSpec, AlternativeDataConfig   spec.py        what one source declares of itself; all of them
    published                                    reading.py     from a declared source to a panel
    file_panel                                   file_rows.py   a file by the columns that were declared
    AlternativeDataConnector                     connector.py   the enabled ones, read once
    coverage                                     coverage.py    how much of it reaches the rows, and how old it is

Macro figures, funding rates, on-chain series, sentiment, implied volatility, corporate actions and
fundamentals differ in what they say, not in how they are read: each row has a period that it is of, a
moment from which it was known, and a symbol or the whole market.
"""

"""Sources: somewhere panels come from, each of which says how its stamps were made complete.

    Stamping                         stamping.py       what a source declares about its stamps
    Source, Part, Plan, plan         declared.py       one source is one table; what would be read
    FrameSource                      frames.py         a pandas, polars or arrow frame in memory
    FileSource                       files.py          CSV and Parquet, long or wide, in batches
    SqliteDatabase, SqliteSource     sqlite.py         assets, series, indicators, trades, side tables
    BarsOf, ActionsOf, SeriesOf      alpha_vantage.py  bars, corporate actions, economic series
    FredSeries                       fred.py           economic series with every vintage
    BlsSeries                        bls.py            series of labour and prices
    Connection                       connecting.py     puts the three providers together
    require_periods                  periods.py        months that are months, quarters that are quarters
    find_key                         keys.py           a key from the environment or a file
    check_source                     battery.py        what every source promises, checked

`read(since)` gives the rows that became known after `since`, so that asking again with the moment of
the last answer brings what is new, corrections of old rows included. Rows that no panel can hold go to
the source's `aside` (sifting.py) with their reason; where there is none, the source refuses.

A provider is asked by a `Fetcher` (fetching.py, the one file that speaks HTTP), no faster and no oftener
than `Pace` and `Patience` allow (patience.py); its `Answers` are kept in the workspace (answers.py), and
what they say differently later becomes a version of its own (seen.py).
"""

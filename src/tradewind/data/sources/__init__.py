"""Sources: somewhere panels come from, each of which says how its stamps were made complete.

    Stamping                             stamping.py       what a source declares about its stamps
    Source, Part, Plan, plan             declared.py       one source is one table; what would be read
    FrameSource                          frames.py         a pandas, polars or arrow frame in memory
    FileSource                           files.py          CSV and Parquet, long or wide, in batches
    SqliteSource, open_sqlite            sqlite.py         a database of assets, series and side tables
    BarsOf, ActionsOf, SeriesOf          alpha_vantage.py  bars, corporate actions, economic series
    FredSeries                           fred.py           series with every vintage
    BlsSeries                            bls.py            series of labour and prices
    Fetcher                              fetching.py       the one file that speaks HTTP
    check_source                         battery.py        what every source promises, checked

`read(since)` gives the rows that became known after `since`, so that asking again with the moment of
the last answer brings what is new, corrections of old rows included.
"""

"""The quality gate: what is wrong with bars, since when that could be known, and where they go.

    Gate, GateResult      gate.py         Panel -> what is clean, what is set aside, what was found
    Past, judged          arrivals.py     the same for new rows, with all that came before them
    Anew, anew            anew.py         rows under keys that came before: again, otherwise, or mended
    inspect, inspectors   checks.py       every check, for those who only look
    Bars                  bars.py         a panel as arrays, and the spine by which rows are judged
    Hours                 hours.py        the sessions of its calendar, the habits of its symbols
    Check                 verdicts.py     a rule, its verdicts by row, its finding
    one family a file                     prices.py levels.py stillness.py clocks.py gaps.py identity.py
                                          missing.py restatements.py
    FolderQuarantine      quarantine.py   rows set aside: listed, released, dropped
    Unread                unreadable.py   rows that no panel can hold, as they were written
    compare_labels        labels.py       names against a reference whose names are right
    split_by_clocks       two_clocks.py   rows known before they were complete, before they are a panel
    CONTRACTS             contracts.py    what tables from outside must be, as data
    check_tables          pandera_contracts.py
    judge, judge_clean    judgement.py    precision and recall on faults that were planted

A new check is a function from `Bars` to `Marks` and an entry in its file's CHECKS; the tests of
causality then hold it to saying of a part of history what it said then.
"""

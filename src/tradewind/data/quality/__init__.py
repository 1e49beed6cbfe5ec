"""The quality gate: what is wrong with bars, since when that could be known, and where they go.

Bars                  bars.py         a panel as arrays, and the spine by which rows are judged
Check                 verdicts.py     a rule, its verdicts by row, its finding
one family a file     prices.py levels.py stillness.py clocks.py gaps.py identity.py missing.py
                      restatements.py
CHECKS                checks.py       all of them
Gate, GateResult      gate.py         Panel -> what is clean, what is not, what was found
Quarantine            quarantine.py   rows set aside: listed, released, dropped
compare_labels        labels.py       names against a reference whose names are right
CONTRACTS             contracts.py    what tables from outside must be, as data
check_contract        pandera_contracts.py
judge                 judgement.py    precision and recall on faults that were planted
"""

"""The causality audit: does a value know anything that came after it?

`audit.audit` asks a `Subject` the same question over and over, of data that is cut off, garbled, begun
later or reordered, and compares the answers. `frames.FrameSubject` is any function of a pandas or polars
frame, `markets.MarketSubject` any FeatureReader; `futures` makes the data that is shown, `comparing`
finds what changed, `inquiry` remembers it and `anew` sees to it that the subject does not, `tracing` finds the first row that did and the later row to
blame, `habits` what else a subject reads, `overheard` what it warns of. `catalogue` holds leaky and honest functions, and `judgement`
what the audit makes of them. What lies in a column of the data itself no audit of a function can see:
that is `columns`.
"""

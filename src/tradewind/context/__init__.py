"""The room of what surrounds a forecast: the regime of a symbol and of the market, and the past that resembles now.

    regimes/         detectors that are learnt from the past and told online; what is said, and how often it changes
    bands, rule_labels, label_checks    volatility, liquidity and rotation by rule
    patterns/        episodes at several scales, each with the moment it became known and 128 numbers
    library/         `PatternStorageEngine`: episodes kept for good, found as they stood at any moment
    retrieval/       what resembles now and what followed, within a deadline
    surroundings     `Surroundings`: all of it as the state of a market, of one moment and of a history

Nothing here is smoothed: what is said of a moment was known at that moment, and is never said otherwise.
"""

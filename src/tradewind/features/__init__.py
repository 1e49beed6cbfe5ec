"""The room where features are computed, read as they were known at each moment.

    bars, labels, sectors      rows to forecast, what came of them, which group each symbol is in
    spec, families, registry   what a feature is, how those computed together are, and which come with us
    seen, windows, runs        for each moment the rows that were known: to look back over, or to step through
    kernels, alpha158, technical, realised, regime20    families of one symbol, each with its catalogue
    measures, limits, volume_profile, regime_input      what the realised family and the regime input are of
    together, moves, breadth, cross_asset               families of a whole market
    seasonal, days             the calendar and the season
    cross_section, among       ranks, scores and residuals among the symbols of a moment
    alternative, liquidity     what other panels told by then; what trading costs
    coarser                    any family on longer bars
    expressions, config        one's own features, and which a workspace asks for
    carrying, arrivals, materialising, fingerprint, online   kept in tables, and answered bar by bar

A value is a function of its declared window alone, or a step from a state that is carried on; so a
history, a refresh and one live moment agree to the bit.
"""

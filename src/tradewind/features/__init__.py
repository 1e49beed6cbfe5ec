"""The room where features are computed: kernels over a window, read as they were known at each moment.

`bars.BarFeatures` is a FeatureReader: from a market and moments to a `Dataset`. `kernels` holds the
arithmetic, one pass per symbol; `windows` finds, for each moment, the rows that were known; `labels`
adds what came of it. A value is a function of its declared window alone, so a history, a refresh and
one live moment agree to the bit.
"""

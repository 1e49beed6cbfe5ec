"""The room where it is decided whether a result is real.

`splits` keeps training labels out of the test, `metrics` says how good and `intervals` how surely,
`scoring` puts them on a Scorecard, `suspicion` asks whether it is too good, `causality` whether it knew
what came after, `resemblance` whether the past that looks like now is worth asking; `contracts` and
`store_contracts` hold a battery of checks for each stage of the spine and for what keeps things, for our
implementations and for yours.
"""

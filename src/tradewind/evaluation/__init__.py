"""The room where it is decided whether a result is real.

`splits` keeps training labels out of the test, `metrics` says how good and `intervals` how surely,
`scoring` puts them on a Scorecard, and `contracts` holds a battery of checks for each stage of the spine, for our
implementations and for yours.
"""

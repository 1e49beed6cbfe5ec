"""The room where it is decided whether a result is real.

`splits` keeps training labels out of the test, `metrics` says how good and `intervals` how surely,
`scoring` puts them on a Scorecard, and `contracts` holds one battery of checks per role, for our
implementations and for yours.
"""

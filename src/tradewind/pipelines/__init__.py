"""The room where the others are put together: whole jobs as plain functions.

`up` is the main job, from a market to a page: `gathering` makes or reads the market, `walk_forward` fits
a Schedule, `telling` turns what was measured into a Story. `synth` writes made markets to files.
`ingesting` brings what people have into the store, `holdings` looks at what lies there, and `dataset`
makes of it what a model learns from. `features` keeps features in tables (`generations` says in which,
`refresh_log` how long it took) and `explaining` says what one is. `audit` asks whether they know the
future (`foretold` says how long that takes), and `audit_page` what such an audit finds. `regimes` learns them, and tells them day by day. `tell` is
whoever watches, `digest` a table as text.
"""

"""The room where the others are put together: whole jobs as plain functions.

`up` is the main job, from a market to a page. `gathering` makes or reads the market, `walk_forward` fits
a Schedule, `telling` turns what was measured into a Story, `synth` writes made markets to files, `ingest` brings what people have through the gate into the store,
`holdings` looks at what lies there, and `audit` asks
features whether they know the future.
"""

"""The room where the others are put together: whole jobs as plain functions.

`up` is the main job, from a market to a page. `gathering` makes or reads the market, `walk_forward` fits
a Schedule, `telling` turns what was measured into a Story, `synth` writes made markets to files,
`ingest` brings what people have through the gate into the store, and `holdings` decides about rows set
aside; `querying` answers SQL and lets old versions go.
What is brought in, `sources` says of files and `providers` of those who are asked; `asking` says how.
`dataset` makes what a model learns from, of the parts in `dataset_parts`, as the tables in
`dataset_tables` and the folder in `dataset_folder`.
`coverage` tells what a workspace holds: `rhythm` says whose sessions dates keep, `presence` which of them
have a row, `trainable` how many decisions can be learned from. `quality` tells how good it is: `examining`
runs the checks, `examples` chooses what to show.
"""

"""From a source through the quality gate into the market store.

ingest     what is asked for, and what became of each row
sources    a file or a database as sources, and a plan before anybody is asked
providers  what a provider is asked for; `asking` says how, and tells whoever waits
spool      rows on the disk, by groups of symbols, so that memory holds one group
turns      one judges at a time, and the others wait
judging    a spool through the gate, each group with all that came before it
"""

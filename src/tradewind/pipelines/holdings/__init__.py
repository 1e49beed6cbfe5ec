"""What lies in a workspace: how much, how good, and what is decided about it.

coverage       tables, symbols, spans and gaps; `rhythm` says whose sessions dates keep, `presence`
               which of them have a row, `trainable` how many decisions can be learned from
quality        the report on all of it; `examining` runs the checks, `examples` chooses what to show
setting_aside  rows in quarantine: listed, released, dropped
querying       answers to SQL, and old versions let go of
"""

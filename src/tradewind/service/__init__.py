"""The room that answers over HTTP. It reads what a job has published; it never runs one.

    ServiceConfig             config.py    where it listens
    make_app                  pages.py     the latest report, its scorecard, and whether we are well
    RegimeDetectionService    regimes.py   the regimes that the batch told, and the next row's
    serve, require_port_free  serve.py     one process on one port, until it is told to stop

By default it listens to this machine alone, and it changes nothing.
"""

"""The room a person comes in by: `tradewind`, or `tw`, one file for each family of verbs.

    main              here           what the console script calls
    app, run          app.py         the verbs, and how a wrong call is told
    up                up.py          the main job, then its page
    init              workspace.py   a folder to work in
    doctor            doctor.py      what would keep a run from working; packages.py looks at those
    ingest            ingest.py      what people have or providers answer, into the workspace;
                                     belonging.py and asking.py say what each kind takes and needs
    check, quarantine quality.py     what is odd in it, and what is done about it
    audit             audit.py       does a feature know anything that came after it
    sql               sql.py         the tables of a workspace as SQL, read only
    compact           compact.py     fewer files, and as much of the past as is wanted
    synth             synth.py       made markets as files
    version           version.py
    Voice             voice.py       results to stdout, the rest to stderr, one exit code
    Check             check.py       one thing that the doctor looked at
    Stages            progress.py    what is going on, on a terminal and elsewhere
    start_logs        logs.py        what happened, for whoever looks later
    keep_compiled     compiled.py    a place for what numba has compiled
    saying_so         compiling.py   a word when numba compiles, which takes seconds
    listen            stopping.py    Ctrl-C and SIGTERM, which end a run alike
    Settings          settings.py    which sections tradewind.yaml has
    options           options.py     the options that every verb takes
    read_moment       moments.py     how a moment is typed, for every verb that is asked as of one

Nothing here computes. Every file imports what it needs inside the verb that needs it, so that
`tradewind --help` answers at once.
"""


def main() -> int:
    """Run the command line; the result is the exit code (0 fine, 1 refused, 2 misuse or an error)."""
    import os
    import sys

    # Two OpenMP runtimes in one process spin against each other unless they are told not to.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")

    from tradewind.cli.stopping import listen

    listen()
    try:
        from tradewind.cli.compiled import keep_compiled

        keep_compiled()
        from tradewind.cli.app import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted: nothing was begun; run it again\n")
        return 2

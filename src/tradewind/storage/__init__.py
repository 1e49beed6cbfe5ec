"""The room below all others: what is on the disk is whole, or it is not there.

    publish, publish_folder, open_inside    files.py         durable files that nobody sees half-written
    Objects, LocalObjects                   objects.py       the same for a folder or, one day, a bucket
    held                                    holding.py       a folder held by one job while others wait
    workspace_error                         disk_errors.py   what the disk said, with a remedy
    Workspace                               workspace.py     the one folder that holds everything
    read_config, default_config             yaml_config.py   tradewind.yaml, section by section
    to_json                                 json_text.py     JSON in which every number is a number
    Control                                 control.py       the control database, one SQLite file
    Documents                               documents.py     JSON documents in it
    Lake                                    lake.py          the tables of a workspace
    LakeTable                               delta_tables.py  one Delta table that only grows
    delta_log, delta_schema, row_hash       its log, its types, its rows as one number
    synced_log, checkpoints                 what is on the disk for good, and a short way to it
    retention                               which versions are kept, and the files that none needs
    Catalogue, View                         sql.py           tables as SQL, read only; sql_text its words
    quarantine                              quarantine.py    bytes that were damaged, kept aside

A table's versions are acknowledged once every byte below them is synced; the control database keeps
which. On open, whatever lies above is verified, and recovery is that same way. Nothing in this room
knows what a market is; it keeps what the rooms above hand it.
"""

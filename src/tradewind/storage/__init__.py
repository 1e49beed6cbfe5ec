"""The room below all others: what is on the disk is whole, or it is not there.

    publish, publish_folder, open_inside    files.py         durable files that nobody sees half-written
    workspace_error                         disk_errors.py   what the disk said, with a remedy
    Workspace                               workspace.py     the one folder that holds everything
    read_config, default_config             yaml_config.py   tradewind.yaml, section by section
    to_json                                 json_text.py     JSON in which every number is a number

Tables, the control database and documents come to live here too. Nothing in this room knows what a
market is; it keeps what the rooms above hand it.
"""

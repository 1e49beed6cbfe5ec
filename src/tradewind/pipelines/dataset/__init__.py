"""From stored bars to what a model learns from.

build      the whole of it, stage by stage; `request` says what is asked for
parts      features and outcomes, regime labels, all symbols side by side
tables     the parts as tables of the store, held against their contracts
folder     the parts as files with a manifest, each verified before it is parsed
sectors    which group each symbol belongs to
telemetry  what each stage took
"""

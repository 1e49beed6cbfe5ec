"""Features carried on from where they were left: in tables, and bar by bar."""

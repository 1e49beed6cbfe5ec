"""Speed and memory, measured so that a figure means the same tomorrow: `python -m benchmarks`.

Never timed tests: what is measured here is compared with a reference in the same run, and shown with
its interval.
"""

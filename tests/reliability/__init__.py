"""Attacks on what the program promises: killed at every step, a Telegram that misbehaves, a search for every secret.

`python -m tests.reliability` runs all of it and writes the figures to docs/reliability.md.
"""

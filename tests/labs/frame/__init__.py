"""The frame of the labs: what a lab.py may use.  See tests/labs/README.md."""

from frame.lab import Lab, Lost, Wrong, body, lines, text

__all__ = ["Lab", "Lost", "Wrong", "body", "lines", "text"]

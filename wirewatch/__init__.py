"""The front door: command line, configuration, and the one place that wires things."""

__version__ = "0.1.0"

"""A subscription's alerts as RSS 2.0, Atom and JSON Feed: one module a format, each from the same `Feed`."""

"""The pure core: types, errors and the stages. No network, no clock, no services."""

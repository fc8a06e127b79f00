"""The routes below /api, one module for each thing that they are about."""

"""The routes below /api/v1, one module for each thing that they are about."""

"""The services that Wirewatch runs against in production, started for the tests."""

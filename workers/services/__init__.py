"""The services of production, each one process: scheduler, crawler, story desk, indexer; the workers are Celery's."""

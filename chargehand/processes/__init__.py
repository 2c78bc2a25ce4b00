"""The processes that a deployment runs, a module each, so that each loads only what it needs."""

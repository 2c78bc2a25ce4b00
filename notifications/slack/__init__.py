"""How messages look in Slack, and what their buttons carry."""

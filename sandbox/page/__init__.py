"""Shows Slack in a browser, as any of its people."""

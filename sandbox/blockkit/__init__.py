"""Checks Block Kit as strictly as Slack, and keeps what people put into its inputs."""

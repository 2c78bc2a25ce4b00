"""Answers Slack's Web API."""

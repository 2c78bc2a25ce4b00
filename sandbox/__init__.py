"""Plays Slack's side on this machine, so that real Slack code can be tried and tested without an account."""

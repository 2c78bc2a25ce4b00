"""Slack's door: what it sends is verified, kept, answered, and then dispatched from the row that was kept."""

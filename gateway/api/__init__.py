"""The HTTP API: JSON under /api/v1, for programs that act for a person."""

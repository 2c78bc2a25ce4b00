"""The record: one PostgreSQL database, bound to one company at a time, moved only by transitions."""

"""Examines a deployment from outside its processes: what is wrong, and the one thing that mends it."""

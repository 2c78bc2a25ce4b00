"""The back office: intake, shifts of work, the desk, effects and what is told about them."""

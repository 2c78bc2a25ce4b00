"""Where work and answers arrive: Slack, and the pages that operators look at."""

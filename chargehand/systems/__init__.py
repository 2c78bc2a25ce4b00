"""What speaks to systems that are declared by their kind: databases, APIs, folders, mail servers and Slack."""

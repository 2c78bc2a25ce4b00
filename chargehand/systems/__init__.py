"""What speaks to systems that are declared by their kind: databases, APIs and folders."""

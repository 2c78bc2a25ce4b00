"""What speaks to systems that are declared by their kind: databases and folders."""

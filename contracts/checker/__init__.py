"""What must hold in a business before anything runs: one module per subject, each yielding mistakes."""

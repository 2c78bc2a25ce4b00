"""The parts that come with us: a PostgreSQL and a Valkey out of wheels, so that a newcomer needs Python and nothing else."""

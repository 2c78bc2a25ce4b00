"""Pages that say why: of a decision, an effect, a blocker, an attempt, a number and a cost, from the record alone."""

"""How trouble climbs and how people decide: the ladder, decisions, approvers and what a card holds."""

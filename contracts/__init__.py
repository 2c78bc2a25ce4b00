"""The pure floor: what work, rules, rights and people's words mean, without any input or output."""

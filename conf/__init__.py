"""The Hydra configuration of the zoo: a primary file an architecture, and their groups."""

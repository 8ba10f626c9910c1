"""The Hydra configuration of the zoo: one primary file an architecture, and the groups it draws on."""

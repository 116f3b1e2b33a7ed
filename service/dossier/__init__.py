"""The dossier of one contribution: all that every room knows of it, each role its part."""

"""The HTTP surface. It translates; every step is a use case that the command line calls too."""

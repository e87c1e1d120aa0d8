"""GitHub: pull requests, reviews and checks of one repository there, by its REST and GraphQL interfaces."""

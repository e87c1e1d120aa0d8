"""Terraform plans, read as what they would do and nothing else."""

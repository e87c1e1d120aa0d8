"""Penstock: a gate that decides every proposed remediation by policy and opens what is allowed as a pull request."""

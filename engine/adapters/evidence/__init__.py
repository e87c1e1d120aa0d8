"""Sources of evidence: what answers the vetted queries of runbooks, by reading alone."""

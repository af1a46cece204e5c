"""The service: the same verbs over HTTP, long ones as jobs, facts and schemes as tables."""

"""From inventory to footprint: linking, allocation, matrices, factors, scores."""

"""The journal: parties, products, evidence, claims, events, ledger, uses, grants, in one store (DESIGN: nine nouns)."""

"""Input-output accounts: multipliers, regional accounts, hybrid footprints."""

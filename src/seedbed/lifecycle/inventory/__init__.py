"""Life-cycle inventories: what processes take in and give out, as tables with one schema."""

"""Input-output accounts: multipliers, regional accounts, hybrid footprints.

`table` what a table is · `files` reading and writing one · `china` the national table of 2007 · `imports` taken
out of the uses · `leontief` multipliers and linkages · `regions` accounts(table) · `disaggregate` one sector
into several · `hybrid` with process inventories · `labels` names of the rows added.
"""

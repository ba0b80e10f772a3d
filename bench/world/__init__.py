"""A seeded country: divisions, enterprises, people, rosters with named faults, and databases filled with them."""

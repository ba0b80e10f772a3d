"""The least work that could do each job: no framework, no audit, no undo. Ours is measured as a multiple of these."""

"""Forms of training: they read what was typed and leave judging to the acts."""

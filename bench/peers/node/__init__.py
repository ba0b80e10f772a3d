"""Peers that are servers of their own, from npm: started for one run, filled through their own interface, stopped with it."""

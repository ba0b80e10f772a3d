"""The benchmark: every job of the house measured as floor, ours and peers, interleaved, each run in a process of its own."""

"""How things are measured: databases made and copied, processes run and watched, load sent, figures summed up."""

"""Our side of each job: what a user gets, called as the pages and the command line call it."""

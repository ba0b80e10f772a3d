"""The watch's rules (异常监测): each a pure function over facts, with a loader that reads them in a constant number of queries."""

"""A minimal Django project over the same tables, with the same middlewares: what Django itself costs."""

// Charts come with the dashboard.

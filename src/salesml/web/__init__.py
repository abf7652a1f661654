"""Dashboard: pages, templates, static files and translations."""

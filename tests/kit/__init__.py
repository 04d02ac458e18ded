"""What makes the suite strict: databases, templates, pages, logs, network, servers, browsers."""

"""Pictures and documents of a site: read, encoded anew, served by the rule of what cites them."""

"""Who stands in the file: one rule, read as one state of the directory."""

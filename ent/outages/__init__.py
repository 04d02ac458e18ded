"""What is away for a while and comes back: database, broker, room on a disk, network."""

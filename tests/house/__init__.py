"""What holds for the whole source: walls between rooms, tests without private names."""

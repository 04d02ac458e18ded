"""What was typed into a form whose proof had run out: kept until the proof is given again."""

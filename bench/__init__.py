"""The measured figures: `python -m bench` runs them, prints tables and keeps results in bench/results/."""

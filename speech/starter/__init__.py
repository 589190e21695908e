"""The project's own starter model: synthetic voices, training data, training and the files that Vosk reads."""

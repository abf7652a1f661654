"""Speed and memory, each as a ratio to a named yardstick measured in the same run."""

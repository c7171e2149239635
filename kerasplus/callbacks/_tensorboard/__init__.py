"""What the TensorBoard logger is made of; the only modules that import TensorFlow or tensorboard."""

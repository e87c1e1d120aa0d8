"""What touches the outside, one package a port; none knows another."""

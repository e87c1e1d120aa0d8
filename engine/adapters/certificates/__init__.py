"""Certificates of the admission listener where no certificate manager makes them."""

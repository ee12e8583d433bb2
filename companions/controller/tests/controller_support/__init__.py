"""What the tests of the controller share."""

"""What the tests of the storage initializer share: servers on the loopback interface, and the command."""

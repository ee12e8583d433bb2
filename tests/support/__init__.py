"""What the tests share: servers in processes of their own, and a store that counts its calls."""

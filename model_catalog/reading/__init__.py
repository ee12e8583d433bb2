"""From the bytes of files and of Hugging Face to checked values. Nothing here knows the index or serves HTTP."""

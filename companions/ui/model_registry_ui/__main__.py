"""`python -m model_registry_ui` serves the UI by itself."""

from model_registry_ui.command import main

main()

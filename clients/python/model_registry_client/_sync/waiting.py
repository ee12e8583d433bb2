"""What waiting is: the one module that is written twice, for threads here."""

import time

sleep = time.sleep

"""What waiting is: the one module that is written twice, for asyncio here."""

import asyncio

sleep = asyncio.sleep

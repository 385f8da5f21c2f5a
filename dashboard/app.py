"""The server, `streamlit run dashboard/app.py`: Streamlit's pages and the hub's routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from dashboard.hub import routes
from dashboard.runs import laboratory


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Runs live as long as the server does; when it ends, so do their processes."""
    async with laboratory():
        yield


app = st.App("main.py", routes=routes(laboratory()), lifespan=lifespan)

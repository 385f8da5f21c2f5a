"""The server, `streamlit run dashboard/app.py`: Streamlit's pages and the hub's routes."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from dashboard.hub import routes
from dashboard.laboratory import laboratory


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Runs live as long as the server does; when it ends, so do their processes."""
    for name in ("uvicorn.access", "uvicorn.error"):  # addresses hold the ids that steer runs
        logging.getLogger(name).setLevel(logging.WARNING)
    async with laboratory():
        yield


app = st.App("main.py", routes=routes(laboratory()), lifespan=lifespan)

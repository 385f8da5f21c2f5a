"""All experiments, found by the name of their module: `core/experiments/<chapter>/<name>.py`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from core.experiment import Experiment


def _modules() -> dict[str, str]:
    return {
        module.name.rpartition(".")[2]: module.name
        for module in pkgutil.walk_packages(__path__, f"{__name__}.")
        if not module.ispkg
    }


def find(name: str) -> type[Experiment]:
    """The experiment of that name. Raises KeyError that lists the names there are."""
    modules = _modules()
    if name not in modules:
        raise KeyError(f"No experiment “{name}”; there are {', '.join(sorted(modules))}.")
    module = importlib.import_module(modules[name])
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Experiment)
        and value.__module__ == module.__name__
    )


def every() -> Iterator[type[Experiment]]:
    """All experiments, in the order of their modules."""
    return map(find, _modules())

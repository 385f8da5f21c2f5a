"""Types and array shapes are checked while the tests run; an int is a float, as mypy has it."""

from beartype import BeartypeConf, beartype

typechecked = beartype(conf=BeartypeConf(is_pep484_tower=True))

"""Numbers as the stage writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard import stage
from tests.browser.conftest import Open

SOURCE = (Path(stage.__file__).parent / "js" / "numbers.js").read_text("utf-8")


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.5, 1.25, -2], [".5", "1.25", "−2"]),
        ([3, 3, 3, 3.01], ["3", "3", "3", "3.01"]),
        ([3.00251], ["3.003"]),  # not 3, which it is not
        ([0.12341, 0.12344], [".12341", ".12344"]),
        ([2 + 1e-9], ["2"]),  # as good as
        ([0.00132, -0.103], [".0013", "−.103"]),
        ([1e-4, 2345.6], ["1e−4", "2,346"]),
    ],
)
def test_numbers_that_stand_together_are_told_apart(open_page: Open, values, texts) -> None:
    page = open_page("about:blank")
    module = f"data:text/javascript,{SOURCE}"
    found = page.evaluate(
        "([module, values]) => import(module).then(({ figures }) => figures(values))",
        [module.replace("%", "%25").replace("#", "%23"), values],
    )
    assert found == texts, json.dumps(found, ensure_ascii=False)

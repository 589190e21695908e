"""The desk's rules of the house, taken from the settings."""

from datetime import time
from pathlib import Path

import pytest

from app.desk.config import from_settings
from app.errors import SettingsError
from app.settings import load_settings


def test_settings_become_the_rules_of_the_house() -> None:
    cfg = from_settings(
        load_settings({"JIACHANG_ALLOWED_REGIONS": "cn, HK,", "JIACHANG_CALLING_HOURS": "08:00-20:00"})
    )
    assert cfg.allowed_regions == {"CN", "HK"}
    assert cfg.hours == ((time(8), time(20)),)
    assert cfg.calendar.zone is cfg.zone
    assert cfg.texts("您好") == "您好"


def test_a_bad_holidays_file_is_a_settings_error(tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text("someday,holiday\n")
    with pytest.raises(SettingsError):
        from_settings(load_settings({"JIACHANG_HOLIDAYS_FILE": str(file)}))

"""The languages of the kiosk's pages."""

LANGUAGES = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "en": "en"}
"""As browsers name them → as the catalogues do."""

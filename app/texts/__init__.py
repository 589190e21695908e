"""Words for residents and staff, in zh-Hans (the source), zh-Hant and English."""

"""The console as somebody signed in sees it, without a browser."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.desk import signing
from app.factory import create_app
from models.staff import Staff
from tests.support.office import Office


class Desk:
    """A browser of the office's console; forms carry their token as a browser's would."""

    def __init__(self, office: Office, login: str | None = None) -> None:
        self.office = office
        self.client: FlaskClient = create_app(office.runtime).test_client()
        self._base = office.runtime.settings.public_url
        if login is not None:
            self.sign_in_as(login)

    def sign_in_as(self, login: str) -> None:
        """With a session made in the database: what the sign-in page does is tested on its own."""
        with self.office.db.transaction() as session:
            staff = session.scalars(select(Staff).where(Staff.login == login)).one()
            staff.must_change_password = False
            token = signing.begin(session, staff.id, now=self.office.runtime.now())
        with self.client.session_transaction(base_url=self._base) as cookie:
            cookie["token"] = token

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=self._base, **options)

    def post(
        self,
        path: str,
        data: dict[str, object] | None = None,
        *,
        more_headers: dict[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """With the token that a page of this session holds, and the referrer that browsers send."""
        page = self.get("/staff/login").text
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert token is not None, page
        headers = {"Referer": f"{self._base}/staff/", "X-CSRF-Token": token[1], **(more_headers or {})}
        return self.client.post(path, data=data or {}, base_url=self._base, headers=headers, **options)

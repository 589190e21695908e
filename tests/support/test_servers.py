"""The servers that other tests rely on."""

import redis
from sqlalchemy import create_engine, text


def test_database_is_empty_and_takes_tables(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing (name VARCHAR(20))"))
        connection.execute(text("INSERT INTO thing VALUES ('路灯')"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT name FROM thing")) == "路灯"
    engine.dispose()


def test_each_test_has_a_database_of_its_own(database_url: str) -> None:
    test_database_is_empty_and_takes_tables(database_url)


def test_redis_is_empty_and_keeps_what_it_is_given(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("ticket", "1024")
        assert client.get("ticket") == b"1024"


def test_redis_of_the_next_test_is_empty_again(redis_url: str) -> None:
    test_redis_is_empty_and_keeps_what_it_is_given(redis_url)

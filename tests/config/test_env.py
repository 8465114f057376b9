import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env, safety


@pytest.fixture
def variable(monkeypatch):
    return lambda name, value: monkeypatch.setenv(f"CONSILIUM_{name}", value)


class TestNames:
    def test_a_misspelt_variable_stops_the_start_and_names_the_nearest(self):
        with pytest.raises(ImproperlyConfigured, match=r"CONSILIUM_DATBASE .* CONSILIUM_DATABASE\?"):
            env.check_names({"CONSILIUM_DATBASE": "x"})

    def test_secrets_may_come_as_files_and_others_are_no_concern_of_ours(self):
        env.check_names({"CONSILIUM_SECRET_KEY_FILE": "x", "PATH": "y", "CONSILIUM_BROKER": "z"})

    def test_a_variable_that_is_read_must_be_listed(self):
        with pytest.raises(ImproperlyConfigured, match="not listed"):
            env.envtext("NEW_ONE")


class TestValues:
    def test_a_switch_is_zero_or_one(self, variable):
        assert env.envbool("PRODUCTION") is False
        variable("PRODUCTION", "1")
        assert env.envbool("PRODUCTION") is True
        variable("PRODUCTION", "yes")
        with pytest.raises(ImproperlyConfigured, match="must be 0 or 1"):
            env.envbool("PRODUCTION")

    @pytest.mark.parametrize("text", ["many", "0", "-1"])
    def test_a_number_must_be_one_and_large_enough(self, variable, text):
        variable("CONCURRENCY", text)
        with pytest.raises(ImproperlyConfigured, match="CONSILIUM_CONCURRENCY"):
            env.envint("CONCURRENCY", 2)

    def test_a_choice_is_one_of_the_words(self, variable):
        variable("POOL", "eventlet")
        with pytest.raises(ImproperlyConfigured, match="prefork, threads"):
            env.envchoice("POOL", "prefork", ("prefork", "threads"))

    def test_lists_ignore_spaces_and_empty_parts(self, variable):
        variable("HOSTS", "a.example, b.example,,")
        assert env.envlist("HOSTS") == ["a.example", "b.example"]

    def test_two_databases_are_supported(self, variable):
        variable("DATABASE", "postgresql://me:secret@db:5433/consilium")
        found = env.envdatabase("sqlite:////tmp/x")
        assert (found["ENGINE"], found["HOST"], found["PORT"], found["NAME"]) == (
            "django.db.backends.postgresql",
            "db",
            5433,
            "consilium",
        )
        variable("DATABASE", "mysql://db/consilium")
        with pytest.raises(ImproperlyConfigured, match="postgresql"):
            env.envdatabase("sqlite:////tmp/x")


class TestSecrets:
    def test_a_key_is_made_once_and_only_its_owner_may_read_it(self, tmp_path):
        path = tmp_path / "new" / "secret_key"
        first = env.envsecret("SECRET_KEY", path)
        assert len(first) >= 64
        assert env.envsecret("SECRET_KEY", path) == first
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(path.parent.iterdir()) == [path]

    def test_the_environment_comes_first_then_the_named_file(self, variable, tmp_path):
        named = tmp_path / "mounted"
        named.write_text("from a file\n")
        variable("SECRET_KEY_FILE", str(named))
        assert env.envsecret("SECRET_KEY", tmp_path / "unused") == "from a file"
        variable("SECRET_KEY", "from the environment")
        assert env.envsecret("SECRET_KEY", tmp_path / "unused") == "from the environment"
        assert not (tmp_path / "unused").exists()

    def test_a_missing_or_empty_file_is_refused(self, variable, tmp_path):
        variable("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
        with pytest.raises(ImproperlyConfigured, match="cannot be read"):
            env.envsecret("SECRET_KEY", tmp_path / "unused")
        (tmp_path / "nowhere").write_text(" \n")
        with pytest.raises(ImproperlyConfigured, match="empty"):
            env.envsecret("SECRET_KEY", tmp_path / "unused")


class TestSafety:
    LOCAL = {"production": False, "hosts": ["localhost"], "listen": "127.0.0.1:8000", "broker": "memory://"}

    def start(self, **changes):
        safety.refuse_insecure_start(**{**self.LOCAL, "engine": "django.db.backends.sqlite3", **changes})

    def test_a_trial_on_one_machine_needs_nothing(self):
        self.start()

    def test_a_trial_is_not_open_to_the_network(self):
        with pytest.raises(ImproperlyConfigured, match="CONSILIUM_PRODUCTION must be 1"):
            self.start(listen="0.0.0.0:8000")

    def test_production_lists_every_fault_at_once(self, monkeypatch):
        for name in ("SECRET_KEY", "SECRET_KEY_FILE", "HOSTS", "ALLOW_SQLITE"):
            monkeypatch.delenv(f"CONSILIUM_{name}", raising=False)
        with pytest.raises(ImproperlyConfigured) as refusal:
            self.start(production=True)
        for word in ("SECRET_KEY", "HOSTS", "ALLOW_SQLITE"):
            assert word in str(refusal.value)

    def test_production_starts_when_everything_is_said(self, variable):
        variable("SECRET_KEY", "x" * 64)
        variable("HOSTS", "consilium.example")
        self.start(
            production=True,
            hosts=["consilium.example"],
            engine="django.db.backends.postgresql",
            broker="redis://broker",
        )
        with pytest.raises(ImproperlyConfigured, match="CONSILIUM_BROKER"):
            self.start(
                production=True, hosts=["consilium.example"], engine="django.db.backends.postgresql", broker="memory://"
            )

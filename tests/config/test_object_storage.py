"""Files in a bucket, by one variable; the bucket is moto's."""

import boto3
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.test import Client
from moto import mock_aws

from annotations.storing import store_bytes
from config import backup, env


@pytest.fixture
def bucket(monkeypatch, settings):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "not-a-key")
    monkeypatch.setenv("CONSILIUM_STORAGE", "s3://reads/one/site?region=eu-west-1")
    settings.STORAGES = {**settings.STORAGES, "default": env.envstorage("unused")}
    with mock_aws():
        client = boto3.client("s3", region_name="eu-west-1")
        client.create_bucket(Bucket="reads", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield client


def test_bytes_are_kept_once_under_their_digest(bucket):
    digest, path = store_bytes(b"all of it", "imports")
    assert store_bytes(b"all of it", "imports") == (digest, path)
    keys = [entry["Key"] for entry in bucket.list_objects_v2(Bucket="reads")["Contents"]]
    assert keys == [f"one/site/imports/{digest[:2]}/{digest}"]
    with default_storage.open(path, "rb") as stream:
        assert stream.read() == b"all of it"
    assert list(backup.stored_names()) == [path]


@pytest.mark.django_db
def test_ready_as_long_as_the_bucket_can_be_written(bucket):
    assert Client().get("/readyz").status_code == 200
    bucket.delete_bucket(Bucket="reads")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["storage"] is False


@pytest.mark.parametrize("text", ["ftp://bucket/x", "s3://", "s3://bucket?acl=public-read"])
def test_other_addresses_stop_the_start(monkeypatch, text):
    monkeypatch.setenv("CONSILIUM_STORAGE", text)
    with pytest.raises(ImproperlyConfigured, match="CONSILIUM_STORAGE"):
        env.envstorage("unused")


def test_an_endpoint_of_ones_own(monkeypatch):
    monkeypatch.setenv("CONSILIUM_STORAGE", "s3://reads?endpoint=http://objects:9000")
    options = env.envstorage("unused")["OPTIONS"]
    assert (options["endpoint_url"], options["location"], options["default_acl"]) == ("http://objects:9000", "", None)

import pytest

from services.logs.redaction import redact

SECRETS = [
    ("Authorization: Bearer abcdef0123456789", "authorization", "abcdef0123456789"),
    ("authorization: Basic dXNlcjpwYXNzd29yZA==", "authorization", "dXNlcjpwYXNzd29yZA"),
    ("using key AKIAIOSFODNN7EXAMPLE now", "aws-key", "AKIAIOSFODNN7EXAMPLE"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "password", "wJalrXUtnFEMI"),
    ("key=AIza" + "B" * 35, "gcp-key", "BBBBBB"),
    ("token xoxb-123456789012-abcdefABCDEF", "slack-token", "123456789012"),
    ("POST https://hooks.slack.com/services/T000/B000/XXXXXXXX", "slack-webhook", "XXXXXXXX"),
    ("remote https://ghp_" + "a" * 36 + "@github.example", "github-token", "aaaaaa"),
    ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "jwt", "eyJzdWIi"),
    ("password=hunter2!", "password", "hunter2"),
    ('{"user": "ann", "password": "correct horse", "id": 7}', "password", "correct horse"),
    ("DB_PASSWORD='s3cret value'", "password", "s3cret"),
    ("postgres://app:pa55word@db.example:5432/orders", "url-credentials", "pa55word"),
    ("redis://:pa55word@cache:6379/0", "url-credentials", "pa55word"),
    ("-----BEGIN RSA PRIVATE KEY-----MIIEow-----END RSA PRIVATE KEY-----", "private-key", "MIIEow"),
    ("GET /login?user=a&token=0123456789abcdef HTTP/1.1", "password", "0123456789abcdef"),
]


@pytest.mark.parametrize(("text", "kind", "secret"), SECRETS)
def test_secrets_go_and_their_kind_stays(text, kind, secret):
    shown = redact(text)
    assert f"[redacted:{kind}]" in shown
    assert secret not in shown


def test_what_surrounds_a_secret_stays():
    shown = redact("connect postgres://app:pa55word@db.example:5432/orders failed")
    assert shown == "connect postgres://app:[redacted:url-credentials]@db.example:5432/orders failed"


@pytest.mark.parametrize(
    "text",
    [
        "password authentication failed for user app",
        "password: incorrect",
        "Invalid token: expired",
        "tokens=1024 elapsed=3ms",
        "request 550e8400-e29b-41d4-a716-446655440000 done",
        "commit 0123456789abcdef0123456789abcdef01234567",
        "unexpected token 'SELCT' at position 3",
        "basic authentication required",
        "bearer authentication required",
        "keyspace hits: 3, key=user:17",
        "http://example.com/a:b@c",
        "secretary joined",
        "password=null",
        "the bearer of bad news",
        "sort key = created_at",
        "primary key violates constraint",
    ],
)
def test_ordinary_text_is_untouched(text):
    assert redact(text) == text


def test_redacting_twice_changes_nothing():
    for text, _, _ in SECRETS:
        assert redact(redact(text)) == redact(text)

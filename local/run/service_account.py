"""The Earth Engine service account in the local AWS: the operator's own, or one without any access."""

import json
import os
from pathlib import Path

from local.aws import LocalAws
from local.run.errors import RunError

# The variable in which Google's libraries look for the path of a key file.
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
_OPENS_NOTHING = {
    "type": "service_account",
    "project_id": "local",
    # The worker checks only the form of a key; this one encodes the text "opens nothing".
    "private_key": "-----BEGIN PRIVATE KEY-----\nMA1vcGVucyBub3RoaW5n\n-----END PRIVATE KEY-----\n",
    "client_email": "nobody@local.iam.gserviceaccount.com",
    "token_uri": "http://127.0.0.1:9/token",
}


def put_service_account(aws: LocalAws, secret_arn: str) -> None:
    """Put the service account into the stack's secret.

    Raises:
        RunError: if the file in `GOOGLE_APPLICATION_CREDENTIALS` cannot be read.
    """
    aws.client("secretsmanager").put_secret_value(SecretId=secret_arn, SecretString=_service_account())


def _service_account() -> str:
    path = os.environ.get(VARIABLE)
    if not path:
        return json.dumps(_OPENS_NOTHING)
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise RunError(
            f"{VARIABLE} names {path}, which cannot be read ({error.strerror}); correct the path, or unset the variable"
        ) from None

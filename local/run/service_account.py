"""The service account that a program finds in the local AWS: one's own, or one that opens nothing."""

import json
import os
from pathlib import Path

from local.aws import LocalAws
from local.run.failures import RunError

# Where Google's libraries look for it.
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
_OPENS_NOTHING = {
    "type": "service_account",
    "project_id": "local",
    # A whole key to look at, as a worker does; what is in it is the text "opens nothing".
    "private_key": "-----BEGIN PRIVATE KEY-----\nMA1vcGVucyBub3RoaW5n\n-----END PRIVATE KEY-----\n",
    "client_email": "nobody@local.iam.gserviceaccount.com",
    "token_uri": "http://127.0.0.1:9/token",
}


def put_service_account(aws: LocalAws, secret_arn: str) -> None:
    """Put it into the secret.

    Raises:
        RunError: when the file that the environment names cannot be read.
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
            f"{VARIABLE} names {path}, which cannot be read ({error.strerror}); unset it, or mend it"
        ) from None

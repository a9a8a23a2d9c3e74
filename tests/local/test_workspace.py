from local.workspace import without_secrets


def test_a_configuration_without_secrets_needs_no_key_to_be_read() -> None:
    encrypted = {"secure": "v1:AAAA:BBBB"}
    config = {
        "ccapi:slackWebhookUrl": encrypted,
        "ccapi:notifications": {"slack": encrypted, "failureEmails": ["a@example.com", encrypted]},
        "ccapi:worker": {"command": {"secure": "a setting", "other": 1}},
    }
    assert without_secrets(config, "stand-in") == (
        {
            "ccapi:notifications": {"slack": "stand-in", "failureEmails": ["a@example.com", "stand-in"]},
            "ccapi:worker": {"command": {"secure": "a setting", "other": 1}},
        },
        ["ccapi:slackWebhookUrl"],
    )

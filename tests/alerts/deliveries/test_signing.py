from base64 import b64decode

from alerts.deliveries import signing

# The test "sign function works" of the specification's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_message_has_the_published_signature() -> None:
    assert signing.sign_message(SECRET, *MESSAGE) == SIGNATURE


def test_every_secret_in_use_signs() -> None:
    other = signing.generate_secret()
    headers = signing.signature_headers([other, SECRET], *MESSAGE)
    assert headers["webhook-id"] == MESSAGE[0]
    assert headers["webhook-timestamp"] == "1614265330"
    first, second = headers["webhook-signature"].split(" ")
    assert first == signing.sign_message(other, *MESSAGE) != SIGNATURE
    assert second == SIGNATURE


def test_a_new_secret_has_as_many_bytes_as_the_specification_allows() -> None:
    one, two = signing.generate_secret(), signing.generate_secret()
    assert one != two
    assert one.startswith("whsec_")
    assert 24 <= len(b64decode(one.removeprefix("whsec_"), validate=True)) <= 64

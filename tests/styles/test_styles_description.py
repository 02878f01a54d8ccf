import json
from collections.abc import Callable

import pytest

from adaptive_style_tf.errors import StyleError
from adaptive_style_tf.styles import StyleDescription

Describe = Callable[..., StyleDescription]


def test_json_gives_back_what_was_written(describe: Describe) -> None:
    description = describe(files={"generator.safetensors": "0" * 64})
    text = description.to_json()
    assert "Cézanne" in text
    assert StyleDescription.from_json(text) == description


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("artist", "Paul Cezanne"),
        ("artist", ""),
        ("artist", None),
        ("ngf", 0),
        ("ngf", True),
        ("ngf", 32.0),
        ("ndf", -1),
        ("step", -1),
        ("step", "300000"),
        ("hours", -0.5),
        ("hours", True),
        ("hours", float("nan")),
        ("hours", "6"),
        ("date", "yesterday"),
        ("date", 2018),
        ("settings", []),
        ("data", None),
        ("license", 3),
        ("files", {"../../secret": "0" * 64}),
        ("files", {"generator.safetensors": "abc"}),
        ("format_version", 2),
    ],
)
def test_values_that_cannot_be_are_refused_by_name(
    describe: Describe, field: str, value: object
) -> None:
    with pytest.raises(StyleError, match=field):
        describe(**{field: value})


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"format_version": "1"}'])
def test_texts_that_are_no_description_are_refused(text: str) -> None:
    with pytest.raises(StyleError):
        StyleDescription.from_json(text)


def test_another_format_version_is_told_before_anything_else() -> None:
    with pytest.raises(StyleError, match="format_version is 7, this package reads 1"):
        StyleDescription.from_json('{"format_version": 7, "brushes": []}')


def test_missing_fields_are_named(describe: Describe) -> None:
    fields = json.loads(describe().to_json())
    del fields["ngf"], fields["license"]
    with pytest.raises(StyleError, match="lacks license, ngf"):
        StyleDescription.from_json(json.dumps(fields))


def test_a_description_from_before_there_were_hours_is_read(describe: Describe) -> None:
    fields = json.loads(describe(hours=6.5).to_json())
    assert StyleDescription.from_json(json.dumps(fields)).hours == 6.5
    del fields["hours"]
    assert StyleDescription.from_json(json.dumps(fields)) == describe()


def test_fields_of_later_packages_are_left_out(describe: Describe) -> None:
    fields = json.loads(describe().to_json()) | {"mood": "calm"}
    assert StyleDescription.from_json(json.dumps(fields)) == describe()


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_settings_that_json_does_not_have_are_refused(describe: Describe, value: object) -> None:
    with pytest.raises(StyleError, match="no JSON"):
        describe(settings={"x": value}).to_json()

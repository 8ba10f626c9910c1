"""The text of an override says what Hydra reads in it, however it is written."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from zoo.training.errors import ConfigError
from zoo.training.finetune import with_pretrained_model
from zoo.training.overrides import key_of, quoted, value_of, values_of


def parsed(text):
    return OverridesParser.create().parse_override(text)


@pytest.mark.parametrize(
    "override",
    [
        "seed=3",
        "+model.hidden=mlp",
        "++hydra.run.dir='a b'",
        "~data/augment=crop",
        'pretrained="mlp_mnist"',
        "resume= 'runs'",
        "resume=''",
        r"resume='it\'s'",
        r"resume='a\\'",
    ],
)
def test_keys_and_values_are_those_that_hydra_reads(override):
    read = parsed(override)
    assert (key_of(override), value_of(override)) == (read.key_or_group, str(read.value()))


def test_what_is_deleted_has_no_value():
    assert (key_of("~data/augment"), value_of("~data/augment")) == ("data/augment", "")


@pytest.mark.parametrize("text", ["a b", "it's", '"', "a\\", "a\\'b\\\\", "[1,2]", "a=b"])
def test_any_text_in_quotes_is_read_as_it_was(text):
    override = f"resume={quoted(text)}"
    assert parsed(override).value() == value_of(override) == text


@pytest.mark.parametrize("text", ["a,b", "'a','b'", 'a, "b"'])
def test_the_values_of_a_sweep_are_read_one_by_one(text):
    override = f"pretrained={text}"
    read = parsed(override).sweep_iterator(transformer=lambda value: getattr(value, "text", value))
    assert values_of(override) == list(read) == ["a", "b"]


@pytest.mark.parametrize(
    "text", ["pretrained='mlp_mnist'", 'pretrained="mlp_mnist"', "++pretrained=mlp_mnist"]
)
def test_pretrained_brings_its_model_however_it_is_written(text):
    plain = with_pretrained_model(["pretrained=mlp_mnist"], "mlp")
    assert len(plain) > 1
    assert with_pretrained_model([text], "mlp") == [*plain[:-1], text]
    with pytest.raises(ConfigError, match="choose another"):
        with_pretrained_model([text], "resnet")

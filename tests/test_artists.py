import pytest

from adaptive_style_tf.artists import KNOWN_ARTISTS, canonical, resolve, slug, suggest
from adaptive_style_tf.errors import UsageError


def test_the_release_has_thirteen_artists_all_of_them_slugs() -> None:
    assert len(set(KNOWN_ARTISTS)) == 13
    assert [slug(artist) for artist in KNOWN_ARTISTS] == list(KNOWN_ARTISTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paul Cézanne", "paul-cezanne"),
        ("  PAUL__cezanne.. ", "paul-cezanne"),
        ("Vincent van Gogh (1853)", "vincent-van-gogh-1853"),
        ("Asger Jørn", "asger-jorn"),
        ("Władysław Strzemiński", "wladyslaw-strzeminski"),
        ("Straße", "strasse"),
        ("葛飾北斎", "葛飾北斎"),
        ("이중섭", "이중섭"),
        ("../..", ""),
        ("", ""),
    ],
)
def test_slug(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("paul-cezanne", "paul-cezanne"),
        ("Cézanne", "paul-cezanne"),
        ("Cézanne, Paul", "paul-cezanne"),
        ("van gogh", "vincent-van-gogh"),
        ("greco", "el-greco"),
        ("p-cez", "paul-cezanne"),
        ("Kirch", "ernst-ludwig-kirchner"),
    ],
)
def test_short_forms_find_the_one_artist_they_fit(name: str, expected: str) -> None:
    assert resolve(name, KNOWN_ARTISTS) == expected


def test_the_full_name_wins_over_longer_ones_that_contain_it() -> None:
    known = ["cezanne", "paul-cezanne", "cezanne-late"]
    assert resolve("Cezanne", known) == "cezanne"


def test_whole_words_win_over_beginnings_of_words() -> None:
    assert resolve("monet", ["monetti-carlo", "claude-monet"]) == "claude-monet"


def test_several_fits_are_an_error_that_names_them_and_nothing_else() -> None:
    with pytest.raises(UsageError, match="paul-cezanne or paul-gauguin") as caught:
        resolve("paul", KNOWN_ARTISTS)
    assert "monet" not in str(caught.value)


def test_an_unknown_name_is_an_error_with_near_names_and_the_list() -> None:
    with pytest.raises(UsageError) as caught:
        resolve("gaugin", KNOWN_ARTISTS)
    message = str(caught.value)
    assert 'unknown artist "gaugin"' in message
    assert "did you mean paul-gauguin?" in message
    assert all(artist in message for artist in KNOWN_ARTISTS)


@pytest.mark.parametrize("name", ["", "!?", "j", "zzz"])
def test_what_is_near_nothing_gets_no_suggestion(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(name, KNOWN_ARTISTS)
    assert "did you mean" not in str(caught.value)


def test_the_error_says_what_kind_of_thing_is_unknown() -> None:
    with pytest.raises(UsageError, match='unknown style "x": known are none'):
        resolve("x", [], kind="style")


def test_suggestions_are_at_most_three_best_first() -> None:
    assert suggest("cezane", KNOWN_ARTISTS)[0] == "paul-cezanne"
    known = ["monex", "mone", "claude-monet", "monec", "zzz"]
    assert suggest("monet", known) == ["claude-monet", "mone", "monec"]


def test_new_artists_get_their_own_slug_and_known_ones_their_full_one() -> None:
    assert canonical("My Daughter") == "my-daughter"
    assert canonical("Monet") == "claude-monet"
    with pytest.raises(UsageError, match="paul-cezanne or paul-gauguin"):
        canonical("Paul")
    with pytest.raises(UsageError, match="neither letters nor digits"):
        canonical("...")

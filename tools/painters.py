"""Who painted what the shipped styles learned from, and whether everybody may use it."""

from dataclasses import dataclass

from adaptive_style_tf.errors import UsageError

PROTECTED_YEARS = 70  # after the year of death: in the European Union and most other countries


@dataclass(frozen=True)
class Painter:
    """A painter's name as it is written, and the year of death."""

    name: str
    died: int


PAINTERS = {
    "berthe-morisot": Painter("Berthe Morisot", 1895),
    "camille-pissarro": Painter("Camille Pissarro", 1903),
    "childe-hassam": Painter("Childe Hassam", 1935),
    "claude-monet": Painter("Claude Monet", 1926),
    "edgar-degas": Painter("Edgar Degas", 1917),
    "edvard-munch": Painter("Edvard Munch", 1944),
    "el-greco": Painter("El Greco", 1614),
    "ernst-ludwig-kirchner": Painter("Ernst Ludwig Kirchner", 1938),
    "jackson-pollock": Painter("Jackson Pollock", 1956),
    "nicholas-roerich": Painter("Nicholas Roerich", 1947),
    "pablo-picasso": Painter("Pablo Picasso", 1973),
    "paul-cezanne": Painter("Paul Cézanne", 1906),
    "paul-gauguin": Painter("Paul Gauguin", 1903),
    "pierre-auguste-renoir": Painter("Pierre-Auguste Renoir", 1919),
    "samuel-peploe": Painter("Samuel Peploe", 1935),
    "vincent-van-gogh": Painter("Vincent van Gogh", 1890),
    "wassily-kandinsky": Painter("Wassily Kandinsky", 1944),
}


def painter_in_public_domain(slug: str, year: int) -> Painter:
    """Finds a painter whose works are free in the given year.

    Raises:
        UsageError: the painter is unknown here, or died too recently.
    """
    painter = PAINTERS.get(slug)
    if painter is None:
        raise UsageError(
            f"When the painter of {slug} died is not known here; add it to {__file__}, so that the "
            "model card can say under what terms the paintings are."
        )
    if year <= painter.died + PROTECTED_YEARS:  # protected to the end of the seventieth year
        raise UsageError(
            f"{painter.name} died in {painter.died}: the paintings are not in the public domain "
            f"before {painter.died + PROTECTED_YEARS + 1}, so no style of them is shipped."
        )
    return painter

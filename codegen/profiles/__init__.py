"""The data profiles that come with the program, and how one is found."""

from pathlib import Path

from schemas.errors import ProfileError
from schemas.profile import Profile, parse_profile

FOLDER = Path(__file__).parent


def list_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the program."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_profile(name_or_path: str | Path) -> Profile:
    """A profile by name (`atlas_mini`) or from a TOML file of one's own.

    Raises ProfileError when there is none, or when it does not validate.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = FOLDER / f"{name_or_path}.toml"
        if str(name_or_path) not in list_profiles():
            known = ", ".join(list_profiles())
            raise ProfileError(f"there is no data profile '{name_or_path}'; there are {known}, or name a .toml file")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ProfileError(f"cannot read data profile '{name_or_path}': {reason}") from None
    return parse_profile(text, path.name)

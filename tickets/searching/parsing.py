"""What somebody typed into the search box, taken apart; pure, and never a refusal by exception."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from tickets.searching.vocabulary import ALIASES, JOINERS, OPERATORS, SIGNS
from tickets.searching.words import Term, is_searchable

MOST_TEXT = 300
LEAST_OF_A_BEGINNING = 2
_ALIKE = 0.7  # less, and «after:» is taken for «category:»
_LEAST_OF_A_NAME = 3
# Whatever the keyboard makes of a quotation mark.
_QUOTES = str.maketrans("“”„‟«»＂", '"""""""')
_NOT_TYPED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_DAY = re.compile(r"[0-9]{4}(-[0-9]{1,2}){0,2}|today|yesterday")
_PIECE = re.compile(
    r'(?P<out>-?)(?:(?P<name>[A-Za-z_]{1,20}):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>\S+)|(?=\s|$))'
)


@dataclass(frozen=True, slots=True)
class Clause:
    """An operator and what it asks for; several values, parted by commas, mean any of them."""

    name: str
    values: tuple[str, ...]
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of what was typed, as it was typed."""

    typed: str
    meant: Term | Clause


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was understood, in the order in which it was typed, and what was not."""

    parts: tuple[Part, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def terms(self) -> list[Term]:
        return [each.meant for each in self.parts if isinstance(each.meant, Term)]

    @property
    def sought(self) -> list[Term]:
        return [each for each in self.terms if not each.is_left_out]

    @property
    def left_out(self) -> list[Term]:
        return [each for each in self.terms if each.is_left_out]

    @property
    def clauses(self) -> list[Clause]:
        return [each.meant for each in self.parts if isinstance(each.meant, Clause)]

    def without(self, part: Part) -> str:
        """What would have to be typed for all the rest."""
        return " ".join(each.typed for each in self.parts if each is not part)


def clean(text: str) -> str:
    """One line of at most 300 characters, without what nobody types."""
    return _line(text)[:MOST_TEXT].strip()


def is_too_long(text: str) -> bool:
    """Whether ``clean`` leaves some of it out."""
    return len(_line(text)) > MOST_TEXT


def _line(text: str) -> str:
    return " ".join(_NOT_TYPED.sub(" ", text).split())


def read(text: str) -> Wanted:
    """Takes ``text`` apart. What cannot be used is said in a sentence each."""
    parts, problems = [], []
    line = clean(text).translate(_QUOTES)
    # Who writes everything in capitals means words by them.
    joiners = {} if line.isupper() else JOINERS
    place = 0
    while place < len(line):
        found = _PIECE.match(line, place)
        if found is None or found.end() == place:
            place += 1
            continue
        place = found.end()
        meant = joiners.get(found[0]) or _meant(found)
        if isinstance(meant, str):
            problems.append(meant)
        elif meant is not None:
            parts.append(Part(found[0], meant))
    return Wanted(tuple(parts), tuple(dict.fromkeys(problems)))


def _meant(found: "re.Match[str]") -> Term | Clause | str | None:
    name, quoted, bare = found["name"], found["quoted"], found["bare"]
    is_out = bool(found["out"])
    if name and not (bare or "").startswith("//"):
        known = ALIASES.get(name.lower(), name.lower())
        said = quoted if quoted is not None else bare or ""
        if known in OPERATORS:
            return _clause(known, said, quoted is not None, is_out)
        if said.strip():
            return _unknown(name, found[0], said.strip())
    if quoted is not None:
        return Term(quoted, is_phrase=True, is_left_out=is_out) if is_searchable(quoted) else None
    return _word(found[0].removeprefix("-") if is_out else found[0], is_out)


def _word(said: str, is_out: bool) -> Term | str | None:
    if not is_searchable(said):
        return None
    is_beginning = said.endswith("*")
    if is_beginning and sum(each.isalnum() for each in said) < LEAST_OF_A_BEGINNING:
        return f"«{said}»: write at least {LEAST_OF_A_BEGINNING} letters before the *."
    return Term(said.rstrip("*"), is_beginning=is_beginning, is_left_out=is_out)


def _clause(name: str, said: str, is_quoted: bool, is_out: bool) -> Clause | str:
    several = [said] if is_quoted else said.split(",")
    values = tuple(each for each in (one.strip() for one in several) if each)
    if not values:
        example = OPERATORS[name].example
        return f"«{name}:» needs its value right after the colon, such as {example}."
    return Clause(name, values, is_out)


def _unknown(name: str, typed: str, said: str) -> str:
    near = _near(name.lower(), said.lower())
    hint = f" Did you mean {near}?" if near else ""
    return f'«{name}:» is not an operator.{hint} To look for the words, write "{typed}".'


def _near(name: str, said: str) -> str:
    """What may have been meant, as it is to be typed; "" where nothing is near."""
    if name in SIGNS:
        return f"opened:{SIGNS[name]}{said}" if _DAY.fullmatch(said) else "opened:"
    known = [*OPERATORS, *ALIASES]
    alike = get_close_matches(name, known, 1, _ALIKE)
    begun = [each for each in known if len(name) >= _LEAST_OF_A_NAME and each.startswith(name)]
    return f"{[*alike, *begun][0]}:" if alike or begun else ""

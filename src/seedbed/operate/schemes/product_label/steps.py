"""Check digit and Digital Link after the GS1 General Specifications and the GS1 Digital Link URI syntax."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

from seedbed.base.errors import InvalidInputError
from seedbed.operate.assess import Book


def steps(book: Book) -> None:
    """The number complete to fourteen digits, and its address."""
    given, complete = book.values["gtin"], bool(book.values["complete"])
    lengths = (8, 12, 13, 14) if complete else (7, 11, 12, 13)
    if not given.isascii() or not given.isdigit() or len(given) not in lengths:
        raise InvalidInputError(f"{given!r} is no trade number.", where="gtin",
                                fix=f"give {', '.join(map(str, lengths))} digits.")
    body = given[:-1] if complete else given
    number = f"{body}{check_digit(body)}"
    if complete and number != given:
        raise InvalidInputError(f"the check digit of {given} is {number[-1]}, not {given[-1]}.", where="gtin",
                                fix="correct the number, or say complete: false where it lacks its check digit.")
    book.line("check_digit", Decimal(check_digit(body)))
    full = book.line("gtin14", number.zfill(14))
    link = f"/01/{full}" + (f"/10/{quote(book.values['lot'], safe='')}" if book.values["lot"] else "")
    if book.values["expiry"]:
        link += f"?17={book.values['expiry']:%y%m%d}"
    book.line("link", link)


def check_digit(digits: str) -> int:
    """The digit that makes the weighted sum a multiple of ten."""
    total = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits)))
    return -total % 10

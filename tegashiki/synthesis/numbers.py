r"""Numbers as people write them: prices, dates, times, units, percentages, telephone numbers, sums, simple equations.

They complement the formulas of papers, which hardly contain numbers of several digits.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from tegashiki.latex.normalize import normalize

UNITS = (
    *("mm", "cm", "m", "km", "g", "kg", "mg", "t", "l", "ml", "s", "ms", "h", "min", "A", "V", "W", "kW", "kWh", "N"),
    *("Pa", "J", "Hz", "MHz", "K", "mol", "ft", "in", "lb", "mph", r"\mu m", r"^{\circ}", r"^{\circ} C", r"^{\circ} F"),
    *("m^2", "cm^2", "km^2", "m^3", "cm^3", "km/h", "m/s", "m/s^2", "g/l"),
    *(r"\frac{km}{h}", r"\frac{m}{s}", r"\frac{kg}{m^3}"),
)
UNKNOWNS = "xxxxyyzabnt"


def write_number(random: Random) -> tuple[str, ...]:
    """Draw one formula of numbers as canonical tokens."""
    write = random.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    return normalize(write(random))


def whole(random: Random, most: int = 6) -> str:
    """Draw a whole number of up to `most` digits; one in four is round."""
    digits = random.choices(range(1, most + 1), [4, 6, 5, 4, 2, 1, 1, 1][:most])[0]
    number = random.randrange(10 ** (digits - 1) if digits > 1 else 0, 10**digits)
    return str(number // 10 ** (digits - 1) * 10 ** (digits - 1) if random.random() < 0.25 else number)


def decimal(random: Random, places: int = 0) -> str:
    """Draw a number with a decimal point or comma.

    Args:
        random: Source of the digits.
        places: Number of decimal places; 0 draws it.
    """
    fraction = "".join(random.choice("0123456789") for _ in range(places or random.choice((1, 1, 2, 2, 2, 3, 4))))
    return whole(random, 3) + random.choice("..,") + fraction


def number(random: Random) -> str:
    """Draw a whole or a decimal number."""
    return whole(random) if random.random() < 0.65 else decimal(random)


def _signed(random: Random) -> str:
    return random.choice(("-", "-", "+", r"\pm")) + number(random)


def _grouped(random: Random) -> str:
    point, comma = random.choice((".,", ".,", ",."))
    text = f"{random.randrange(1000, 10 ** random.choice((4, 5, 6, 7, 8))):,}".replace(",", comma)
    return text + (point + f"{random.randrange(100):02d}" if random.random() < 0.4 else "")


def _percent(random: Random) -> str:
    return (whole(random, 2) if random.random() < 0.6 else decimal(random)) + r"\%"


def _price(random: Random) -> str:
    amount = random.choice((whole(random, 4), decimal(random, 2), decimal(random, 2), _grouped(random)))
    sign = random.choice((r"\$ ", r"\$ ", ""))
    price = sign + amount if random.random() < 0.8 else f"{amount} {sign}"
    return f"{random.randint(2, 30)} @ {price}" if random.random() < 0.1 else price


def _time(random: Random) -> str:
    seconds = f":{random.randrange(60):02d}" if random.random() < 0.2 else ""
    return f"{random.randrange(24)}:{random.randrange(60):02d}{seconds}"


def _date(random: Random) -> str:
    day = date(1950, 1, 1) + timedelta(random.randrange(30_000))
    year = str(day.year) if random.random() < 0.6 else f"{day.year % 100:02d}"
    forms = (
        f"{day.month}/{day.day}/{year}",
        f"{day.day}.{day.month}.{year}",
        f"{day.day:02d}.{day.month:02d}.{year}",
        f"{day.day}/{day.month}",
        day.isoformat(),
        str(day.year),
    )
    return random.choice(forms)


def _telephone(random: Random) -> str:
    def digits(count: int) -> str:
        return "".join(random.choice("0123456789") for _ in range(count))

    area = random.choice(("{}-", "({})", "({})-", "")).format(digits(3))
    form = random.random()
    if form < 0.6:
        return f"{area}{digits(3)}-{digits(4)}"
    if form < 0.8:
        return f"0{digits(3)}/{digits(random.randint(4, 7))}"
    return f"+{random.randint(1, 99)}{digits(random.randint(6, 10))}"


def _measure(random: Random) -> str:
    unit = random.choice(UNITS)
    amount = random.choice(("", "", "", "-")) + number(random)
    name = f"{random.choice('abcdhlmrstvAFTUV')}=" if random.random() < 0.25 else ""
    return f"{name}{amount} {unit}" if not unit.startswith("^") else f"{name}{amount}{unit}"


def _ratio(random: Random) -> str:
    first, second = random.randint(1, 30), random.randint(2, 30)
    mixed = f"{random.randint(1, 12)}" if random.random() < 0.3 else ""
    forms = (f"{first}/{second}", f"{mixed}\\frac{{{first}}}{{{second}}}", f"{first}:{second}")
    return random.choice(forms)


def _power(random: Random) -> str:
    exponent = random.choice((f"{random.randint(2, 12)}", f"-{random.randint(1, 12)}"))
    if random.random() < 0.5:
        return f"{random.choice((2, 3, 5, 10, 10, random.randint(2, 99)))}^{{{exponent}}}"
    times = random.choice((r" \times ", r" \cdot "))
    return f"{decimal(random)}{times}10^{{{exponent}}}"


def _sum(random: Random) -> str:
    """Draw two whole numbers with an operator between them, often with the result."""
    first, second = random.randint(1, 10 ** random.randint(1, 4)), random.randint(1, 10 ** random.randint(1, 3))
    times = random.choice((r" \times ", r" \cdot ", "*"))
    sign, result = random.choice(
        (
            ("+", first + second),
            ("+", first + second),
            ("-", first - second),
            (times, first * second),
            (random.choice((r" \div ", "/", ":")), first),
        )
    )
    left = f"{first * second if result == first and sign.strip() not in '+-' else first}{sign}{second}"
    return left + random.choice(("", "=", f"={result}", f"={result}", f"={result}"))


def _chain(random: Random) -> str:
    """Draw a longer calculation, such as (16*4)-9."""
    parts = [number(random) for _ in range(random.randint(3, 4))]
    signs = [random.choice(("+", "-", r" \times ", r" \div ", "*", "/")) for _ in parts[1:]]
    if random.random() < 0.5:
        parts[0], parts[1] = "(" + parts[0], parts[1] + ")"
    text = parts[0] + "".join(sign + part for sign, part in zip(signs, parts[1:], strict=True))
    return text + random.choice(("", "=", "=" + number(random)))


def _root(random: Random) -> str:
    base = random.randint(2, 30)
    forms = (rf"\sqrt{{{base * base}}}={base}", rf"\sqrt{{{number(random)}}}", rf"\sqrt[3]{{{base**3}}}={base}")
    return random.choice(forms)


def _factorial(random: Random) -> str:
    base = random.randint(2, 9)
    return f"{base}!"


def _equation(random: Random) -> str:
    """Draw a school equation or its solution."""
    x, a, b, c = random.choice(UNKNOWNS), *(random.randint(2, 20) for _ in range(3))
    sign = random.choice("+-")
    forms = (
        f"{x}{sign}{a}={b}",
        f"{a}{x}{sign}{b}={c}",
        f"{a}{x}{sign}{b}={c}{x}{random.choice('+-')}{random.randint(1, 50)}",
        f"{x}={random.choice(('', '-'))}{number(random)}",
        f"{a}({x}{sign}{b})={a * c}",
        rf"\frac{{{x}}}{{{a}}}={b}",
        f"{x}^2={a * a}",
        f"{x}^2{sign}{a}{x}{random.choice('+-')}{b}=0",
        f"{x}_1={number(random)}",
        f"{a}{x}={a * b}",
        f"y={a}x{sign}{b}",
        f"f({x})={a}{x}^2{sign}{b}",
    )
    return random.choice(forms)


def _comparison(random: Random) -> str:
    relation = random.choice(("<", ">", r" \leq ", r" \geq ", r" \neq ", r" \approx "))
    return f"{random.choice((number(random), random.choice(UNKNOWNS)))}{relation}{number(random)}"


def _list(random: Random) -> str:
    first, step = random.randint(0, 20), random.randint(1, 10)
    numbers = ",".join(str(first + step * index) for index in range(random.randint(3, 5)))
    return random.choice((numbers, numbers + r",\ldots", rf"\{{{numbers}\}}", f"({first},{step})"))


KINDS: tuple[tuple[Callable[[Random], str], float], ...] = (
    (number, 5),
    (_signed, 1),
    (_grouped, 1.5),
    (_percent, 1.5),
    (_price, 2),
    (_time, 1.2),
    (_date, 1.5),
    (_telephone, 1.5),
    (_measure, 2.5),
    (_ratio, 1.2),
    (_power, 1.2),
    (_sum, 4),
    (_chain, 2),
    (_root, 0.8),
    (_factorial, 0.2),
    (_equation, 4),
    (_comparison, 1),
    (_list, 0.8),
)

"""The sentences of the HTML report, Swedish and English."""

from __future__ import annotations

_PAGE: dict[str, tuple[str, str]] = {
    "title": ("Gymnasieantagningen", "Upper-secondary admissions"),
    "series": ("Platser, sökande och platsbrist", "Seats, applicants and seat shortfalls"),
    "lead": (
        "Vad varje studieväg hade att erbjuda, vilka som sökte, vilka som kom in och var platserna inte räckte.",
        "What every study route had to offer, who applied, who was admitted and where the seats did not suffice.",
    ),
    "run": ("Körning", "Run"),
    "rulebook": ("Regelbok", "Rulebook"),
    "rounds": ("Omgångar", "Rounds"),
    "verdict": ("Kontroll", "Check"),
    "verified": ("varje omgång oberoende kontrollerad", "every round independently verified"),
    "assumption_word": ("ANTAGANDE", "ASSUMPTION"),
    "assumption": (
        (
            "Hur regionen skiljer sökande med lika meritvärde är inte publicerat. Regelboken antar lottning "
            "per sökande "
            "({chain}). Gränser och namn på dem som delar gränsvärdet vilar på det antagandet."
        ),
        (
            "How the region tells applicants of equal merit apart is not published. The rulebook assumes a "
            "lottery per "
            "applicant ({chain}). Who among those at the limit was admitted rests on that assumption."
        ),
    ),
    "contents": ("Innehåll", "Contents"),
    "totals": ("Regionen i siffror", "The region in figures"),
    "totals_caption": (
        "Personer om inget annat sägs. Ett streck betyder att uppgiften saknas.",
        "Persons unless said otherwise. A dash means that there is no figure.",
    ),
    "hidden": (
        (
            "Uppgifter om färre än {smallest} personer är dolda och visas som ett streck. Det gäller också tal som de "
            "kan räknas fram ur, och meritvärden för så få antagna."
        ),
        (
            "Figures of fewer than {smallest} persons are hidden and shown as a dash; so are figures they could be "
            "worked out from, and merits of so few admitted."
        ),
    ),
    "change": ("Förändring", "Change"),
    "senses": ("Fem mått på platsbrist", "Five senses of shortfall"),
    "senses_lead": (
        (
            "Platsbrist är fem olika tal. De svarar på olika frågor och får aldrig läggas ihop. Siffrorna "
            "gäller hela "
            "regionen, {round}."
        ),
        (
            "A shortfall of seats is five different numbers. They answer different questions and must never "
            "be added. "
            "The figures are for the whole region, {round}."
        ),
    ),
    "senses_note": (
        (
            "Bara val som prövades i omgången räknas. Förstahandsval som inte var behöriga: {ineligible}. "
            "Som inte prövades "
            "av annat skäl: {untried}."
        ),
        (
            "Only choices tried in the round count. First choices not eligible: {ineligible}. Not tried for another "
            "reason: {untried}."
        ),
    ),
    "charts": ("Diagram", "Charts"),
    "telling": ("De tjugo studievägar där mest fattas", "The twenty routes where most is missing"),
    "telling_lead": (
        "Ordnade efter klareringstal: så många platser skulle behöva läggas till just där för att ingen ska nekas.",
        "Ordered by clearing number: as many seats would have to be added right there for nobody to be refused.",
    ),
    "changes": ("Vad som ändrades mellan omgångarna", "What changed between the rounds"),
    "comparison": ("Jämförelse med publicerade siffror", "Comparison with published figures"),
    "comparison_lead": (
        (
            "Slutantagningens siffror bredvid de publicerade för samma katalog. Sista kolumnen säger vad "
            "modellen bakom "
            "genererade sökande passats in mot, vad som är valt och vad som varken är det ena eller det andra."
        ),
        (
            "The final round beside the published one of the same catalogue. The last column tells what the "
            "model behind "
            "generated applicants was fitted to, what was chosen and what is neither."
        ),
    ),
    "homes": ("Behöriga utan plats", "Eligible without a seat"),
    "homes_lead": (
        "Personer efter hemkommun och slag av program i deras första prövade val.",
        "Persons by home municipality and kind of programme of their first tried choice.",
    ),
    "method": ("Så är det räknat", "How it is counted"),
    "checked": ("Vad kontrollen har fastställt", "What the check established"),
    "traces": ("Spår", "Traces"),
    "footer": (
        "Sidan är fullständig i sig själv: inget hämtas utifrån. Samma indata ger samma sida, tecken för tecken.",
        "This page is complete in itself: nothing is fetched. Equal inputs give an equal page, character by character.",
    ),
}

CHARTS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "demand": (
        ("Sökande och platser", "Demand and seats"),
        (
            "Behöriga förstahandsval (staplar) och platser (streck) per program, sista omgången.",
            "Eligible first choices (bars) and seats (ticks) per programme, latest round.",
        ),
    ),
    "gaps": (
        ("Underskott och överskott", "Shortage and surplus"),
        (
            "Studievägarnas underskott (vänster) och överskott (höger) på förstahandsval, summerade var för sig.",
            "Shortages (left) and surpluses (right) of first choices over routes, each summed by itself.",
        ),
    ),
    "limits": (
        ("Antagningsgränser", "Admission limits"),
        (
            "Antal studievägar per tjugo poäng; sist de med 340 eller mer (färdighetsprov).",
            "Number of study routes per twenty points; last those with 340 or more (tests).",
        ),
    ),
    "municipalities": (
        ("Brist och lediga platser på samma gång", "Shortage and vacancy at once"),
        (
            "Klareringstal och lediga platser per skolkommun, sista omgången.",
            "Clearing number and vacant seats per municipality of the school, latest round.",
        ),
    ),
    "moves": (
        ("Från första omgången till nästa", "From the first round to the next"),
        ("Vad som hände med var och en, personer.", "What became of each person."),
    ),
}

SENSES: tuple[tuple[str, tuple[str, str], tuple[str, str]], ...] = (
    (
        "without_seat",
        ("Utan plats.", "Without a seat."),
        (
            "Behöriga sökande som inte fick någon plats: lagens och politikens tal.",
            "Eligible applicants who got no seat: the number of the law and of politics.",
        ),
    ),
    (
        "first_choice_shortage",
        ("Underskott på förstahandsval.", "First-choice gap."),
        (
            (
                "Förstahandsval utöver platserna, studieväg för studieväg; överskotten på andra håll är "
                "{first_choice_surplus} "
                "och räknas aldrig av."
            ),
            (
                "First choices beyond the seats, route by route; the surpluses elsewhere are "
                "{first_choice_surplus} and are "
                "never set off."
            ),
        ),
    ),
    (
        "reserves",
        ("Reservplatser.", "Reserves."),
        (
            "Rader i reservköerna; de gäller {reserve_persons} olika personer.",
            "Entries in the reserve queues; they belong to {reserve_persons} different persons.",
        ),
    ),
    (
        "vacancies",
        ("Lediga platser.", "Vacancies."),
        ("Körningens platser minus antagna.", "Seats of the run less admitted."),
    ),
    (
        "clearing_number",
        ("Klareringstal.", "Clearing number."),
        (
            (
                "Så många platser skulle saknas om alla fick sitt högsta prövade val. För ett program eller en "
                "kommun löses talet "
                "för sig: delarna går inte att lägga ihop."
            ),
            (
                "So many seats would be missing if everybody got the highest choice tried. For a programme or "
                "municipality the "
                "number is solved by itself: the parts do not add up."
            ),
        ),
    ),
)

METHOD: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (
        ("Körningens platser", "Seats of the run"),
        (
            "Platser minus dem som hålls utanför (fri kvot för hand, idrott, inkommande, okänt) plus överintag.",
            "Seats less those held outside (free quota by hand, sport, incoming pupils, unknown) plus over-intake.",
        ),
    ),
    (
        ("Gräns", "Limit"),
        (
            (
                "Meritvärdet hos den sist antagna där ingen plats är ledig, även utan reserver; annars ingen "
                "gräns. Studievägar "
                "som skolan rangordnar har ingen."
            ),
            (
                "Merit of the last admitted where no seat is vacant, also without reserves; otherwise none. "
                "Routes ranked by the "
                "school have none."
            ),
        ),
    ),
    (
        ("Median", "Median"),
        (
            (
                "Medianen bland alla antagna, med provpoäng och utan. För ett program eller en kommun är den "
                "personernas median, "
                "inte studievägarnas."
            ),
            (
                "The median of everybody admitted, with test points and without. For a programme or "
                "municipality it is the median "
                "of persons, not of routes."
            ),
        ),
    ),
    (
        ("På förstaval", "On first choice"),
        (
            "Andelen av de antagna som fick det första valet i sin lista.",
            "The share of the admitted who got the first choice of their list.",
        ),
    ),
    (
        ("Klareringstal", "Clearing number"),
        (
            (
                "Antagningen görs om med obegränsat antal öppna platser i mängden; summan av det som överstiger "
                "platserna är talet."
            ),
            (
                "The match is run again with unlimited open seats in the set; the sum of what exceeds their seats is "
                "the number."
            ),
        ),
    ),
    (
        ("Platspott", "Seat pool"),
        (
            "Studievägar som delar platser visas med pottens platser, och potten räknas en gång i varje summa.",
            "Routes that share seats are shown with the seats of their pool, and a pool counts once in every sum.",
        ),
    ),
)


def page_texts(language: str) -> dict[str, str]:
    """Return the sentences of the page in one language."""
    return {name: both[0 if language == "sv" else 1] for name, both in _PAGE.items()}

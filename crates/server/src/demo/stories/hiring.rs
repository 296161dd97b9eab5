//! Jobs that look for their people.

use super::acts::{ANSWERED, BID, DRAFTED, HIRED, OPENED, SOUGHT};
use super::{Step, Story, story};
use domain::proposal::Party::{Client, Talent};

pub(super) const STORIES: &[Story] = &[
    story(
        86,
        ("Name our newsletter", "Four pages a month about rivers and the people who live by them."),
        ("client", "talent"),
        ("USD", &[("Ten names", "80")]),
        &[DRAFTED],
    ),
    story(
        88,
        ("Paint a mural for the reading room", "Six metres of wall, a reading child, and a heron."),
        ("ines", "rosa"),
        ("EUR", &[("Mural", "2400")]),
        &[DRAFTED],
    ),
    story(
        71,
        ("Subtitle a lecture series", "Eleven hours on the history of bridges, in two languages."),
        ("hiro", "mina"),
        ("JPY", &[("Subtitles", "180000")]),
        &[DRAFTED],
    ),
    story(
        87,
        ("Write release notes for a database", "Forty changes that deserve to be understood."),
        ("bruno", "quinn"),
        ("USD", &[("Notes", "150")]),
        &[OPENED],
    ),
    story(
        89,
        ("Voice a museum's audio guide", "Thirty stops, a warm voice, no drama."),
        ("keiko", "hana"),
        ("JPY", &[("Recording", "240000")]),
        &[OPENED],
    ),
    story(
        78,
        ("Photograph a bakery's morning", "From four o'clock until the first customers leave."),
        ("asha", "lena"),
        ("USD", &[("Shoot", "700")]),
        &[SOUGHT],
    ),
    story(
        80,
        ("Edit a podcast about rivers", "Eight episodes, recorded outdoors; there are ducks."),
        ("client", "talent"),
        ("USD", &[("Pilot", "400"), ("Season", "2800")]),
        &[ANSWERED],
    ),
    story(
        83,
        ("Model a wooden staircase", "Drawings for a carpenter, from a sketch on a napkin."),
        ("farid", "tomas"),
        ("EUR", &[("Model", "950")]),
        &[SOUGHT],
    ),
    story(
        84,
        ("Typeset a poetry collection", "Sixty poems, two of them upside down."),
        ("greta", "oona"),
        ("EUR", &[("Layout", "1100")]),
        &[SOUGHT],
    ),
    story(
        76,
        ("Tune a slow report", "A query that takes a coffee break; it should take a breath."),
        ("jonas", "pavel"),
        ("EUR", &[("Diagnosis", "600"), ("Cure", "1800")]),
        &[ANSWERED],
    ),
    story(
        81,
        ("Compose a theme for a chess app", "Thirty seconds for winning, ten for losing."),
        ("dmitri", "kofi"),
        ("USD", &[("Theme", "900")]),
        &[ANSWERED],
    ),
    story(
        83,
        ("Port a parser to Rust", "Nine thousand lines of a language we love, into one we trust."),
        ("client", "kenji"),
        ("USD", &[("Port", "4200")]),
        &[SOUGHT, &[(4, 1010, Step::Offer(Client))]],
    ),
    story(
        82,
        ("Film a pottery course", "Three evenings in a small studio, for people who couldn't come."),
        ("elif", "talent"),
        ("EUR", &[("Filming", "900"), ("Editing", "700")]),
        &[ANSWERED, &[(5, 1500, Step::Offer(Client))]],
    ),
    story(
        84,
        ("Plan a roof garden", "Forty square metres that must not weigh much."),
        ("chiara", "freya"),
        ("EUR", &[("Plan", "1300")]),
        &[SOUGHT, &[(3, 1130, Step::Offer(Talent))]],
    ),
    story(
        3,
        ("Restore a family film reel", "Super 8, 1971, a little mouldy, much loved."),
        ("ines", "idris"),
        ("EUR", &[("Restoration", "800")]),
        &[OPENED],
    ),
    story(
        10,
        ("Index a three-volume history", "Fourteen hundred pages; the author knows every name."),
        ("jonas", "ida"),
        ("EUR", &[("Index", "1500")]),
        &[ANSWERED],
    ),
    story(
        45,
        ("Translate a gardening handbook", "From Dutch, with all its mud and humour."),
        ("bruno", "anouk"),
        ("EUR", &[("Translation", "2600")]),
        &[SOUGHT, &[(5, 930, Step::Offer(Client))]],
    ),
    story(
        60,
        ("Design a ferry timetable", "Legible in the rain, from two metres away."),
        ("keiko", "nils"),
        ("JPY", &[("Timetable", "160000")]),
        // The first offer lapses on day 72 of the demo.
        &[SOUGHT, &[(5, 1410, Step::Offer(Client)), (27, 1000, Step::Offer(Client))]],
    ),
    story(
        32,
        ("Build a stand for a book fair", "It has to fit into one van and look like a library."),
        ("dmitri", "jakub"),
        ("EUR", &[("Stand", "3200")]),
        &[HIRED, &[(7, 1620, Step::Cancel(Client))]],
    ),
    story(
        50,
        ("Prototype a bicycle light", "Bright, round, and repairable with a coin."),
        ("farid", "sven"),
        ("EUR", &[("Prototype", "2100")]),
        // Nobody pays, and on day 68 of the demo the contract is cancelled.
        &[BID],
    ),
    story(
        80,
        ("Illustrate a children's book", "Twelve spreads about a fox who counts badly."),
        ("bruno", "lena"),
        ("EUR", &[("Sketches", "600"), ("Paintings", "2400")]),
        &[HIRED],
    ),
    story(
        84,
        ("Map hiking trails near the coast", "Nine walks, with benches and where the wind comes from."),
        ("ines", "diego"),
        ("EUR", &[("Survey", "1000"), ("Map", "1400")]),
        // The provider says nothing, and the deposit is still awaited when the demo ends.
        &[HIRED, &[(5, 2346, Step::Fund(0, "pm_never"))]],
    ),
];

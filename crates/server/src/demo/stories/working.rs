//! Contracts at work.

use super::acts::{
    BID, CHOSEN, DONE, DONE_TWICE, ENDED, ENDED_LATE, FORGOTTEN, FUNDED, HIRED, PAID_OUT, PARTED, REDONE,
};
use super::{Step, Story, story};

pub(super) const STORIES: &[Story] = &[
    story(
        2,
        (
            "Rebuild our booking site",
            "Guests should find a boat in three taps. We keep the name and the ducks.",
        ),
        ("client", "talent"),
        ("USD", &[("Design", "14500"), ("Build", "6000"), ("Launch", "1500")]),
        &[
            CHOSEN,
            &[
                (5, 1015, Step::Fund(0, "pm_card")),
                (16, 1520, Step::Work(0)),
                (18, 930, Step::Changes(0)),
                (21, 1700, Step::Work(0)),
                (23, 1010, Step::Approve(0)),
                (60, 900, Step::Fund(1, "pm_card")),
                (82, 1630, Step::Work(1)),
                (83, 1045, Step::Fund(2, "pm_card")),
            ],
        ],
    ),
    story(
        5,
        ("Review an online shop's checkout", "Why do people leave at the address? Please find out."),
        ("bruno", "talent"),
        ("USD", &[("Review", "2400")]),
        &[HIRED, DONE, PAID_OUT, ENDED],
    ),
    story(
        60,
        (
            "Write a style guide for a theatre",
            "How we speak on posters, on the phone, and after a bad night.",
        ),
        ("greta", "talent"),
        ("EUR", &[("Guide", "1200")]),
        // To an account that is new: held beyond the demo's end.
        &[HIRED, REDONE, PARTED, &[(26, 1015, Step::Payout(0, 80, "ba_savings"))]],
    ),
    story(
        1,
        ("Redesign a clinic's intake form", "Patients fill it in with one hand and a worry."),
        ("asha", "mateo"),
        ("USD", &[("Interviews", "1800"), ("Form", "2600")]),
        &[CHOSEN, DONE, DONE_TWICE, PAID_OUT, ENDED],
    ),
    story(
        4,
        ("Translate a cookbook", "Two hundred recipes; grandmother's measures stay."),
        ("chiara", "noor"),
        ("EUR", &[("Chapters 1 to 6", "1600"), ("Chapters 7 to 12", "1600")]),
        &[HIRED, REDONE, DONE_TWICE, PAID_OUT, ENDED],
    ),
    story(
        7,
        ("Localize a game for Japan", "A quiet game about trains. The jokes matter."),
        ("hiro", "yuki"),
        ("JPY", &[("Menus", "120000"), ("Story", "480000")]),
        &[HIRED, DONE, DONE_TWICE, PAID_OUT, PARTED],
    ),
    story(
        9,
        ("Paint packaging for a tea house", "Twelve teas, twelve birds."),
        ("keiko", "hana"),
        ("JPY", &[("Paintings", "360000")]),
        &[BID, REDONE, PAID_OUT, ENDED],
    ),
    story(
        12,
        ("Record a product tour", "Three minutes, no music, a friendly hand."),
        ("asha", "sofia"),
        ("USD", &[("Script", "300"), ("Film", "900")]),
        &[HIRED, DONE, DONE_TWICE, ENDED],
    ),
    story(
        14,
        ("Draw icons for a weather app", "Sixty of them, including sleet."),
        ("farid", "tomas"),
        ("EUR", &[("Icons", "1900")]),
        &[CHOSEN, FORGOTTEN, ENDED_LATE, &[(31, 1400, Step::Payout(0, 88, "ba_home"))]],
    ),
    story(
        16,
        ("Tidy a data warehouse", "Three hundred tables; we believe we need forty."),
        ("jonas", "pavel"),
        ("EUR", &[("Inventory", "3500"), ("Cleaning", "5200")]),
        &[HIRED, DONE, DONE_TWICE, PAID_OUT, ENDED],
    ),
    story(
        19,
        ("Write a speech for a retirement", "Thirty-one years at the signal box. She will notice clichés."),
        ("elif", "eva"),
        ("EUR", &[("Speech", "450")]),
        &[BID, DONE, PAID_OUT, ENDED],
    ),
    story(
        22,
        ("Test a bus app with passengers", "Ten rides, ten people, one thermos."),
        ("hiro", "mina"),
        ("JPY", &[("Tests", "150000")]),
        &[HIRED, FORGOTTEN, PARTED],
    ),
    story(
        25,
        ("Knit samples for a pattern book", "Eight jumpers in two sizes."),
        ("greta", "freya"),
        ("EUR", &[("First four", "640"), ("Other four", "640")]),
        &[CHOSEN, REDONE, DONE_TWICE, ENDED],
    ),
    story(
        28,
        ("Build a booking bot for a barber", "It should know that Fridays are full."),
        ("dmitri", "felix"),
        ("USD", &[("Bot", "2200")]),
        &[HIRED, DONE, PAID_OUT, PARTED],
    ),
    story(
        35,
        ("Set up a choir's accounts", "Sixty singers, one cash box, no system."),
        ("ines", "gita"),
        ("EUR", &[("Accounts", "750")]),
        &[HIRED, DONE, PAID_OUT, ENDED],
    ),
    story(
        41,
        ("Animate a lighthouse logo", "Two seconds of light, and the sea."),
        ("chiara", "nils"),
        ("EUR", &[("Animation", "980")]),
        &[BID, REDONE, PAID_OUT, ENDED],
    ),
    story(
        56,
        ("Survey solar roofs in our street", "Forty houses, and what the chimneys say."),
        ("client", "olu"),
        ("USD", &[("Survey", "1900"), ("Report", "1100")]),
        &[HIRED, DONE, &[(30, 1020, Step::Fund(1, "pm_card"))]],
    ),
    story(
        70,
        ("Mix a live album", "Recorded in a church; keep the church."),
        ("asha", "samir"),
        ("USD", &[("Mix", "3400")]),
        &[
            HIRED,
            &[(5, 1010, Step::Fund(0, "pm_card")), (16, 1430, Step::Work(0)), (18, 920, Step::Changes(0))],
        ],
    ),
    Story {
        headcount: 3,
        ..story(
            72,
            ("Caption a photo archive", "Nine thousand pictures of one valley; three people, please."),
            ("jonas", "ida"),
            ("EUR", &[("First thousand", "850")]),
            &[CHOSEN, &[(6, 1010, Step::Fund(0, "pm_twice"))]],
        )
    },
    story(
        74,
        ("Name the boats of a lake", "Eleven rowing boats and one ferry, none of them proud."),
        ("ines", "talent"),
        ("EUR", &[("Twelve names", "640")]),
        // Approved on day 87 of the demo, so the earnings clear after its end.
        &[HIRED, DONE],
    ),
    story(
        75,
        ("Tune a village carillon", "Nineteen bells; the third one is flat and everybody knows."),
        ("keiko", "kenji"),
        ("JPY", &[("Tuning", "210000"), ("Concert", "90000")]),
        &[BID, REDONE],
    ),
    story(
        79,
        ("Teach our team to sketch", "Four mornings, no talent needed."),
        ("elif", "anouk"),
        ("EUR", &[("Mornings", "1250")]),
        &[HIRED, FUNDED],
    ),
];

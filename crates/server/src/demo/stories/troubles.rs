//! Money that fails, comes late or twice, or goes back; disputes, and contracts that end early.

use super::acts::{BID, CHOSEN, DONE, ENDED, ENDED_LATE, FUNDED, HIRED, PARTED, REDONE};
use super::{Step, Story, story};
use domain::process::ProcessName;
use domain::proposal::Party::{Client, Talent};

pub(super) const STORIES: &[Story] = &[
    story(
        6,
        ("Write a grant application", "For a library on a boat. The form has forty questions."),
        ("elif", "rania"),
        ("EUR", &[("Application", "1700")]),
        // The first card is declined, the second has too little on it.
        &[
            HIRED,
            &[(4, 1630, Step::Fund(0, "pm_declined")), (4, 1720, Step::Fund(0, "pm_insufficient_funds"))],
            DONE,
            ENDED,
        ],
    ),
    story(
        11,
        ("Design a seed catalogue", "Two hundred vegetables, all of them modest."),
        ("farid", "carlos"),
        ("EUR", &[("Catalogue", "2300")]),
        // Captured after the deposit was given up, it has no purpose and goes back; the second one is in time.
        &[HIRED, &[(4, 1700, Step::Fund(0, "pm_late"))], REDONE, PARTED],
    ),
    story(
        15,
        ("Proofread an annual report", "A hundred pages of good news and one of bad."),
        ("asha", "maya"),
        ("USD", &[("Proofreading", "620")]),
        // A cent is missing.
        &[HIRED, &[(4, 1500, Step::Fund(0, "pm_short"))], DONE, ENDED],
    ),
    story(
        20,
        ("Build a model of a harbour", "One to five hundred, with cranes that turn."),
        ("keiko", "hugo"),
        ("JPY", &[("Model", "520000")]),
        // The provider takes the order and doesn't answer; we ask.
        &[
            CHOSEN,
            &[(5, 945, Step::Fund(0, "pm_timeout")), (19, 1700, Step::Work(0)), (21, 1130, Step::Approve(0))],
            PARTED,
        ],
    ),
    story(
        26,
        ("Cater a garden wedding", "Eighty guests, eleven of them vegan."),
        ("chiara", "lucia"),
        ("EUR", &[("Menu", "400"), ("Dinner", "4800")]),
        &[
            HIRED,
            DONE,
            &[
                (14, 1000, Step::Fund(1, "pm_card")),
                (17, 830, Step::AskRefund(1)),
                (18, 1915, Step::AgreeRefund(1)),
            ],
            ENDED,
        ],
    ),
    story(
        30,
        ("Direct a short film", "Eleven minutes, two actors, one rowing boat."),
        ("dmitri", "diego"),
        ("EUR", &[("Script", "1500"), ("Shooting", "6200")]),
        // The card is gone when the money is to go back, so it stays in the client's wallet.
        &[HIRED, DONE, &[(15, 1100, Step::Fund(1, "pm_norefund")), (24, 1640, Step::GiveBack(1))], PARTED],
    ),
    story(
        34,
        ("Run a summer reading club", "Six Saturdays, children from seven to eleven."),
        ("ines", "rosa"),
        ("EUR", &[("Six Saturdays", "900")]),
        // Nobody answers, and on day 51 of the demo the money goes back.
        &[HIRED, FUNDED, &[(10, 1210, Step::AskRefund(0))], ENDED],
    ),
    story(
        38,
        ("Translate a court ruling", "Into plain words, for the people whom it is about."),
        ("bruno", "oona"),
        ("EUR", &[("Plain words", "1400")]),
        &[
            BID,
            &[
                (5, 1000, Step::Fund(0, "pm_card")),
                (12, 1100, Step::Work(0)),
                (13, 1500, Step::Changes(0)),
                (20, 900, Step::AskRefund(0)),
                (21, 1730, Step::RefuseRefund(0)),
                (25, 1015, Step::WithdrawDispute),
                (28, 1600, Step::Work(0)),
                (30, 930, Step::Approve(0)),
            ],
            ENDED_LATE,
        ],
    ),
    story(
        43,
        ("Rewrite a chatbot's manners", "It apologizes too much."),
        ("asha", "quinn"),
        ("USD", &[("Manners", "1300")]),
        &[
            HIRED,
            FUNDED,
            &[
                (12, 930, Step::AskRefund(0)),
                (13, 1120, Step::ForgetRefund(0)),
                (24, 1500, Step::Work(0)),
                (26, 1000, Step::Approve(0)),
            ],
            ENDED_LATE,
        ],
    ),
    story(
        52,
        ("Score a documentary", "An hour about moss. Slow, please, but not sleepy."),
        ("client", "kofi"),
        ("USD", &[("Sketches", "1200"), ("Score", "3900")]),
        &[
            HIRED,
            DONE,
            &[
                (15, 1030, Step::Fund(1, "pm_card")),
                (24, 1700, Step::Work(1)),
                (26, 1100, Step::Changes(1)),
                (31, 930, Step::AskRefund(1)),
                (32, 1840, Step::RefuseRefund(1)),
            ],
        ],
    ),
    story(
        74,
        ("Plan a night market", "Forty stalls and one power line."),
        ("hiro", "tara"),
        ("JPY", &[("Plan", "280000")]),
        &[HIRED, FUNDED, &[(13, 1350, Step::AskRefund(0))]],
    ),
    story(
        58,
        ("Sew costumes for a school play", "Nine wolves and a moon."),
        ("elif", "amara"),
        ("EUR", &[("Wolves", "810"), ("Moon", "120")]),
        // Agreed to end while the moon was paid for and not begun: its money goes back.
        &[
            HIRED,
            DONE,
            &[
                (14, 1000, Step::Fund(1, "pm_card")),
                (18, 900, Step::AskEnd(Client)),
                (19, 1500, Step::AgreeEnd(Talent)),
            ],
        ],
    ),
    story(
        48,
        ("Moderate a neighbourhood forum", "Mostly about bins."),
        ("jonas", "leo"),
        ("EUR", &[("First month", "500"), ("Second month", "500")]),
        // The client says nothing, and a week later the end is agreed.
        &[BID, REDONE, &[(20, 1100, Step::AskEnd(Talent))]],
    ),
    story(
        66,
        ("Digitize a herbarium", "Three thousand pressed plants; they crumble."),
        ("greta", "wen"),
        ("EUR", &[("First drawer", "1150"), ("Second drawer", "1150")]),
        &[HIRED, DONE, &[(14, 1010, Step::Fund(1, "pm_card")), (21, 1615, Step::AskEnd(Client))]],
    ),
    story(
        54,
        ("Build a radio for the attic", "From a kit, with a nephew, for a grandfather."),
        ("dmitri", "idris"),
        ("EUR", &[("Radio", "700"), ("Aerial", "180")]),
        // The end is agreed while work is under review, which keeps its time.
        &[
            HIRED,
            DONE,
            &[
                (20, 1000, Step::Fund(1, "pm_card")),
                (29, 1200, Step::Work(1)),
                (30, 930, Step::AskEnd(Talent)),
                (31, 1045, Step::AgreeEnd(Client)),
            ],
        ],
    ),
    story(
        62,
        ("Catalogue a stamp collection", "Seven albums and a biscuit tin."),
        ("bruno", "pedro"),
        ("EUR", &[("Albums", "880"), ("Biscuit tin", "90")]),
        &[
            BID,
            DONE,
            &[
                (16, 1020, Step::AskEnd(Client)),
                (17, 930, Step::ForgetEnd(Client)),
                (20, 1400, Step::Fund(1, "pm_card")),
            ],
        ],
    ),
    story(
        77,
        ("Choreograph a flash mob", "Station hall, 17:40, three minutes, fifty amateurs."),
        ("client", "sofia"),
        ("USD", &[("Choreography", "1600")]),
        // The admin has refunds wait, and then one comes.
        &[
            HIRED,
            FUNDED,
            &[
                (10, 1715, Step::AskRefund(0)),
                (12, 930, Step::Pause(ProcessName::Refunding, "The bank does maintenance until Monday")),
                (12, 1010, Step::AgreeRefund(0)),
            ],
        ],
    ),
    story(
        37,
        ("Guide a night walk", "Owls, if they are willing; otherwise stars."),
        ("farid", "freya"),
        ("EUR", &[("Walk", "260")]),
        // The provider took the refund's order and has said nothing since; somebody has to ask.
        &[HIRED, &[(5, 1130, Step::Fund(0, "pm_lostrefund")), (8, 1140, Step::GiveBack(0))], ENDED],
    ),
    story(
        79,
        ("Mend a theatre curtain", "Velvet, eleven metres, one moth."),
        ("greta", "maya"),
        ("EUR", &[("Curtain", "1150")]),
        // Given back on the demo's last morning, and on its way.
        &[HIRED, &[(5, 1130, Step::Fund(0, "pm_lostrefund")), (10, 815, Step::GiveBack(0))]],
    ),
];

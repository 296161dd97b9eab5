//! Contracts that go another way than planned, and what people disagree about.

use super::acts::{DONE, ENDED_LATE, FUNDED, HIRED, PAID_OUT};
use super::{Act, Deal, Quarrel, Step, Story, story};
use domain::dispute::FeeBearer;
use domain::proposal::Party::{Client, Talent};

/// The client claims most of a first milestone's 2,000, and support mediates from day 10 on.
const MEDIATED: Act = &[
    (6, 930, Step::Quarrel(Quarrel::Claim(Client, 0, "1500"))),
    (7, 1010, Step::Quarrel(Quarrel::Answer(Talent))),
    (8, 1700, Step::Quarrel(Quarrel::Offer(Talent, "400"))),
    (10, 1430, Step::Quarrel(Quarrel::Escalate(Client))),
    (11, 900, Step::Quarrel(Quarrel::Evidence(Client))),
    (12, 1115, Step::Quarrel(Quarrel::Ask)),
    (13, 1620, Step::Quarrel(Quarrel::Evidence(Talent))),
];
/// Once the evidence is sealed, on day 16, half is recommended.
const RECOMMENDED: Act = &[(16, 1100, Step::Quarrel(Quarrel::Recommend("1000")))];
/// The talent is paid for a first milestone; of a second one the client gets the money back, which its bank doesn't take,
/// so that both can pay for arbitration about a third of 2,000 when they get there.
const ENTANGLED: Act = &[
    (14, 1000, Step::Fund(1, "pm_norefund")),
    (14, 1530, Step::GiveBack(1)),
    (19, 1000, Step::Fund(2, "pm_card")),
    (20, 1415, Step::Quarrel(Quarrel::Claim(Client, 2, "2000"))),
    (21, 1010, Step::Quarrel(Quarrel::Answer(Talent))),
    (24, 1430, Step::Quarrel(Quarrel::Escalate(Talent))),
    (26, 1620, Step::Quarrel(Quarrel::Evidence(Talent))),
    (30, 1100, Step::Quarrel(Quarrel::Recommend("600"))),
    (31, 1230, Step::Quarrel(Quarrel::Refuse(Client))),
    (32, 1000, Step::Quarrel(Quarrel::PayFee(Client))),
    (33, 1515, Step::Quarrel(Quarrel::PayFee(Talent))),
];
/// The arbitrator divides it.
const AWARDED: Act = &[(36, 1145, Step::Quarrel(Quarrel::Award("900", FeeBearer::Both)))];

pub(super) const STORIES: &[Story] = &[
    story(
        81,
        ("Write a walking tour of bridges", "Seven bridges, one of them invisible."),
        ("ines", "lucia"),
        ("EUR", &[("Tour", "900")]),
        // The talent has until day 94 of the demo to answer.
        &[HIRED, FUNDED, &[(8, 1015, Step::Quarrel(Quarrel::Claim(Client, 0, "450")))]],
    ),
    story(
        74,
        ("Rebuild a puppet theatre's stage", "It turns, or it should."),
        ("bruno", "sven"),
        ("EUR", &[("Stage", "2000")]),
        &[HIRED, FUNDED, MEDIATED],
    ),
    story(
        73,
        ("Compose a ringtone for a clinic", "Calm, short, and not a lullaby."),
        ("client", "kofi"),
        ("USD", &[("Ringtone", "2000")]),
        &[HIRED, FUNDED, MEDIATED, RECOMMENDED],
    ),
    story(
        70,
        ("Survey a village's wells", "Twenty-two wells, of which three are rumours."),
        ("farid", "diego"),
        ("EUR", &[("Survey", "2000")]),
        &[HIRED, FUNDED, MEDIATED, RECOMMENDED, &[(17, 1030, Step::Quarrel(Quarrel::Refuse(Client)))]],
    ),
    story(
        38,
        ("Draw icons for a bakery's scales", "Eleven breads that must not look alike."),
        ("greta", "oona"),
        ("EUR", &[("Icons", "600")]),
        // Too small for arbitration: decided from the documents, and executed a week later.
        &[
            HIRED,
            FUNDED,
            &[
                (7, 1015, Step::Quarrel(Quarrel::Claim(Talent, 0, "600"))),
                (8, 1200, Step::Quarrel(Quarrel::Answer(Client))),
                (12, 1430, Step::Quarrel(Quarrel::Escalate(Talent))),
                (18, 1100, Step::Quarrel(Quarrel::Recommend("150"))),
                (19, 930, Step::Quarrel(Quarrel::Refuse(Talent))),
                (21, 1600, Step::Quarrel(Quarrel::SmallClaim("100"))),
            ],
            ENDED_LATE,
        ],
    ),
    story(
        30,
        ("Sharpen a film's subtitles", "Ninety minutes in which nobody finishes a sentence."),
        ("elif", "mina"),
        ("EUR", &[("Subtitles", "1200")]),
        // They settle it among themselves, and later there is a bonus.
        &[
            HIRED,
            FUNDED,
            &[
                (8, 1015, Step::Quarrel(Quarrel::Claim(Client, 0, "700"))),
                (9, 1200, Step::Quarrel(Quarrel::Answer(Talent))),
                (9, 1210, Step::Quarrel(Quarrel::Offer(Talent, "200"))),
                (10, 900, Step::Quarrel(Quarrel::Offer(Client, "400"))),
                (10, 1745, Step::Quarrel(Quarrel::AcceptOffer(Talent, 2))),
            ],
            ENDED_LATE,
            &[(40, 1130, Step::Deal(Deal::Bonus("For staying friends", "50")))],
        ],
    ),
    story(
        52,
        ("Restore a shop's neon sign", "It says OPEN; it should also be possible to say CLOSED."),
        ("dmitri", "hugo"),
        ("EUR", &[("Sketch", "700"), ("Rush order", "400"), ("Sign", "2000")]),
        &[HIRED, DONE, ENTANGLED],
    ),
    story(
        51,
        ("Film a beekeeper's year", "Four seasons, nine visits, two stings."),
        ("chiara", "amara"),
        ("EUR", &[("Spring", "700"), ("Extra day", "400"), ("Summer", "2000")]),
        // Decided, and one side may still appeal.
        &[HIRED, DONE, ENTANGLED, AWARDED],
    ),
    story(
        48,
        ("Plan a museum's moving day", "Four thousand objects, one of them a whale."),
        ("jonas", "nadia"),
        ("EUR", &[("List", "700"), ("Boxes", "400"), ("Plan", "2000")]),
        &[HIRED, DONE, ENTANGLED, AWARDED, &[(41, 1630, Step::Quarrel(Quarrel::Appeal(Client)))]],
    ),
    story(
        12,
        ("Set a cookbook in two languages", "Recipes left, stories right, butter everywhere."),
        ("asha", "rania"),
        ("USD", &[("Sample", "700"), ("Proofs", "400"), ("Book", "2000")]),
        // Appealed, decided again by somebody else, and executed.
        &[
            HIRED,
            DONE,
            ENTANGLED,
            AWARDED,
            &[
                (41, 1630, Step::Quarrel(Quarrel::Appeal(Talent))),
                (44, 1010, Step::Quarrel(Quarrel::DecideAppeal("800"))),
                (46, 1330, Step::AskEnd(Client)),
                (47, 1000, Step::AgreeEnd(Talent)),
            ],
        ],
    ),
    story(
        58,
        ("Paint a tram", "All of it, except the windows and the number."),
        ("hiro", "yuki"),
        ("JPY", &[("Design", "180000"), ("Paint", "420000")]),
        // A part is released, and the rest goes to what comes next; and something more is planned.
        &[
            HIRED,
            &[
                (5, 1010, Step::Fund(0, "pm_card")),
                (9, 1120, Step::Deal(Deal::Propose(Talent, "Varnish", "60000"))),
                (10, 900, Step::Deal(Deal::Agree(2))),
                (12, 1430, Step::Work(0)),
                (14, 1010, Step::Deal(Deal::ReleasePart(0, "120000", 2))),
                (15, 940, Step::Deal(Deal::AgreeMove(0))),
                (18, 1100, Step::Deal(Deal::ReleaseEarly(2))),
                (24, 1530, Step::Deal(Deal::Propose(Client, "The other tram", "600000"))),
            ],
        ],
    ),
    story(
        66,
        ("Count birds on a reservoir", "Every Sunday at seven; bring your own chair."),
        ("keiko", "wen"),
        ("JPY", &[("First month", "80000"), ("Second month", "80000")]),
        // Frozen, and paused until the birds are back.
        &[HIRED, DONE, PAID_OUT, &[(20, 1200, Step::Deal(Deal::Pause(Client)))]],
    ),
    story(
        70,
        ("Buy old coins for a collector", "Quietly."),
        ("bruno", "carlos"),
        ("EUR", &[("First coins", "800")]),
        // Compliance stops the money while work is under review; it is approved, and stays where it is.
        &[
            HIRED,
            &[
                (5, 1010, Step::Fund(0, "pm_card")),
                (8, 1430, Step::Work(0)),
                (9, 900, Step::Deal(Deal::Freeze(0))),
                (10, 1630, Step::Approve(0)),
            ],
        ],
    ),
    story(
        55,
        ("Write five-star reviews", "We tell you what about."),
        ("dmitri", "leo"),
        ("USD", &[("Reviews", "120")]),
        &[HIRED, &[(5, 1030, Step::Deal(Deal::Terminate))]],
    ),
    story(
        76,
        ("Forge a letter of Napoleon", "As a joke for an uncle; with stamps."),
        ("ines", "pedro"),
        ("EUR", &[("Letter", "350")]),
        &[HIRED, FUNDED, &[(8, 930, Step::Deal(Deal::Terminate))]],
    ),
];

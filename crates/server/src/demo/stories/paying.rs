//! Talents' money on its way out, and what may come between.

use super::acts::{BID, CHOSEN, DONE, ENDED, ENDED_LATE, HIRED, PAID_OUT, PARTED, REDONE};
use super::{Step, Story, story};
use domain::account::HoldReason;
use domain::payout::Resolution;
use domain::proposal::Party::{Client, Talent};

pub(super) const STORIES: &[Story] = &[
    story(
        8,
        ("Migrate a library's catalogue", "Six hundred thousand books, one weekend, no fines."),
        ("jonas", "priya"),
        ("USD", &[("Migration", "13000")]),
        // Above the limit: finance looks at it, and lets it go.
        &[CHOSEN, DONE, PAID_OUT, &[(27, 940, Step::ApprovePayout)], ENDED_LATE],
    ),
    story(
        48,
        ("Write firmware for a tide gauge", "It has to survive two winters on one battery."),
        ("client", "olu"),
        ("USD", &[("Firmware", "16000")]),
        // Above the limit, and waits for finance since day 74 of the demo.
        &[CHOSEN, REDONE, PAID_OUT, PARTED],
    ),
    story(
        13,
        ("Teach a robot arm to water plants", "Gently."),
        ("hiro", "kenji"),
        ("JPY", &[("Arm", "900000")]),
        // The bank is away the first time.
        &[HIRED, DONE, &[(19, 1300, Step::Payout(0, 88, "ba_fails_once"))], ENDED],
    ),
    story(
        17,
        ("Draw a family tree", "Nine generations, three surnames, one mystery."),
        ("ines", "jakub"),
        ("EUR", &[("Tree", "1050")]),
        // The provider takes the order and doesn't answer; we ask.
        &[BID, DONE, &[(19, 900, Step::Payout(0, 88, "ba_timeout"))], PARTED],
    ),
    story(
        21,
        ("Shoot drone footage of vineyards", "Early autumn, low sun, no selfies."),
        ("chiara", "carlos"),
        ("EUR", &[("Footage", "2700")]),
        // There is no such account at the bank; the money comes back, and the account is on hold.
        &[HIRED, REDONE, &[(19, 1540, Step::Payout(0, 88, "ba_returned"))], ENDED],
    ),
    story(
        24,
        ("Build shelves for a toy library", "Low, round, unbreakable."),
        ("greta", "sven"),
        ("EUR", &[("Shelves", "1450")]),
        // The provider had paid in error; the talent asks again once the hold is released.
        &[
            HIRED,
            DONE,
            &[
                (19, 1015, Step::Payout(0, 88, "ba_reversed")),
                (30, 1100, Step::ReleaseHold(HoldReason::Payee)),
                (31, 900, Step::Payout(0, 80, "ba_home")),
            ],
            ENDED,
        ],
    ),
    story(
        27,
        ("Repair a town band's website", "The trombones are listed twice."),
        ("bruno", "leo"),
        ("USD", &[("Repair", "560")]),
        // No bank takes it: three more attempts, then none.
        &[BID, DONE, &[(19, 1710, Step::Payout(0, 88, "ba_declined"))], PARTED],
    ),
    story(
        64,
        ("Write a field guide to moths", "The brown ones, too."),
        ("farid", "gita"),
        ("EUR", &[("Guide", "3100")]),
        // Failed three times by the last evening, and to be tried again.
        &[
            HIRED,
            DONE,
            &[
                (18, 1500, Step::Payout(0, 88, "ba_fails")),
                (21, 1030, Step::AskEnd(Client)),
                (22, 1745, Step::AgreeEnd(Talent)),
            ],
        ],
    ),
    story(
        40,
        ("Study traffic at a school gate", "Count the cars, and how long they dare to stop."),
        ("elif", "mateo"),
        ("EUR", &[("Study", "2000")]),
        // The provider has said nothing since; somebody has to ask.
        &[HIRED, REDONE, &[(19, 1230, Step::Payout(0, 88, "ba_never"))], ENDED],
    ),
    story(
        36,
        ("Bind a thesis by hand", "Two copies, blue linen, by Thursday."),
        ("keiko", "yuki"),
        ("JPY", &[("Binding", "90000")]),
        // Finance has asked: the provider has it.
        &[
            HIRED,
            DONE,
            &[(19, 1010, Step::Payout(0, 80, "ba_never")), (45, 1430, Step::Resolve(Resolution::InTransit))],
            PARTED,
        ],
    ),
    story(
        61,
        ("Light a winter garden", "So that it looks like evening at noon."),
        ("asha", "felix"),
        ("EUR", &[("Lighting", "1850")]),
        // With the provider since day 87 of the demo.
        &[CHOSEN, DONE, &[(19, 1420, Step::Payout(0, 88, "ba_never"))], ENDED],
    ),
    story(
        57,
        ("Train volunteers of a help line", "Two weekends; the coffee is good."),
        ("dmitri", "amara"),
        ("USD", &[("Training", "2900")]),
        // Compliance waits for papers.
        &[BID, DONE, PAID_OUT, &[(22, 1000, Step::Hold(HoldReason::Kyc))], PARTED],
    ),
    story(
        33,
        ("Prepare tax papers for a bakery", "Shoe boxes from three years."),
        ("client", "nadia"),
        ("USD", &[("Papers", "1100")]),
        // A form was missing; it came.
        &[
            HIRED,
            DONE,
            PAID_OUT,
            &[(20, 930, Step::Hold(HoldReason::TaxForm)), (29, 1115, Step::ReleaseHold(HoldReason::TaxForm))],
            ENDED_LATE,
        ],
    ),
    story(
        46,
        ("Restring a harp", "Forty-seven strings, and patience."),
        ("ines", "maya"),
        ("EUR", &[("Strings", "520")]),
        &[HIRED, DONE, PAID_OUT, &[(21, 1800, Step::CancelPayout)], ENDED],
    ),
    story(
        55,
        ("Sort a photographer's estate", "Letters, prints, and one locked drawer."),
        ("chiara", "tara"),
        ("EUR", &[("Inventory", "1300")]),
        &[BID, DONE, PAID_OUT, &[(22, 1030, Step::RejectPayout)], ENDED],
    ),
    story(
        53,
        ("Carve a sign for a pub", "The Patient Heron, in oak."),
        ("bruno", "hugo"),
        ("GBP", &[("Sign", "1000")]),
        // A day without fees, the first pounds: what the provider kept is missing at the bank, and the payout waits.
        &[
            &[
                (0, 910, Step::Draft),
                (0, 1005, Step::Open),
                (1, 840, Step::Propose),
                (3, 700, Step::NoFees),
                (3, 715, Step::Offer(Client)),
                (3, 730, Step::UsualFees),
                (4, 900, Step::Accept),
            ],
            DONE,
            &[(19, 1105, Step::Payout(0, 100, "ba_home")), (27, 1000, Step::ApprovePayout)],
            PARTED,
        ],
    ),
];

//! What happens often. Every day counts from the story's first.

use super::{Act, Step};
use domain::proposal::Party::{Client, Talent};

/// A draft.
pub(super) const DRAFTED: Act = &[(0, 1640, Step::Draft)];
/// An open job.
pub(super) const OPENED: Act = &[(0, 910, Step::Draft), (0, 1005, Step::Open)];
/// An open job that one talent answers.
pub(super) const ANSWERED: Act =
    &[(0, 915, Step::Draft), (0, 1120, Step::Open), (2, 1340, Step::Propose), (3, 810, Step::Rival)];
/// A popular one.
pub(super) const SOUGHT: Act = &[
    (0, 840, Step::Draft),
    (0, 1400, Step::Open),
    (0, 1730, Step::Rival),
    (1, 900, Step::Propose),
    (1, 1500, Step::Rival),
    (2, 2020, Step::Rival),
];
/// Found, offered, accepted within five days.
pub(super) const HIRED: Act = &[
    (0, 910, Step::Draft),
    (0, 1005, Step::Open),
    (1, 840, Step::Propose),
    (1, 1320, Step::Rival),
    (3, 1030, Step::Offer(Client)),
    (4, 900, Step::Accept),
];
/// The same, after a choice among several.
pub(super) const CHOSEN: Act = &[
    (0, 1030, Step::Draft),
    (0, 1115, Step::Open),
    (0, 1645, Step::Rival),
    (1, 930, Step::Rival),
    (2, 1410, Step::Propose),
    (3, 1600, Step::Offer(Client)),
    (4, 1120, Step::Accept),
];
/// The talent names the terms, and the client accepts them.
pub(super) const BID: Act = &[
    (0, 1300, Step::Draft),
    (0, 1415, Step::Open),
    (1, 1010, Step::Propose),
    (2, 915, Step::Offer(Talent)),
    (4, 1000, Step::Accept),
];
/// One milestone, funded on day 5 and approved on day 13; it clears on day 18.
pub(super) const DONE: Act =
    &[(5, 1010, Step::Fund(0, "pm_card")), (11, 1630, Step::Work(0)), (13, 945, Step::Approve(0))];
/// The same, by way of changes.
pub(super) const REDONE: Act = &[
    (5, 1440, Step::Fund(0, "pm_card")),
    (9, 1215, Step::Work(0)),
    (10, 1500, Step::Changes(0)),
    (12, 1820, Step::Work(0)),
    (13, 1010, Step::Approve(0)),
];
/// A second milestone, funded on day 14 and approved on day 24.
pub(super) const DONE_TWICE: Act =
    &[(14, 1000, Step::Fund(1, "pm_card")), (22, 1540, Step::Work(1)), (24, 1115, Step::Approve(1))];
/// One milestone that nobody reviews; it is approved on day 24.
pub(super) const FORGOTTEN: Act = &[(5, 930, Step::Fund(0, "pm_card")), (10, 1700, Step::Work(0))];
/// One milestone whose money is there.
pub(super) const FUNDED: Act = &[(5, 1130, Step::Fund(0, "pm_card"))];
/// All earnings of the first milestone, once they are cleared.
pub(super) const PAID_OUT: Act = &[(19, 1105, Step::Payout(0, 88, "ba_home"))];
/// Both sides are done with each other, and the client says so first.
pub(super) const ENDED: Act = &[(26, 1330, Step::AskEnd(Client)), (27, 1000, Step::AgreeEnd(Talent))];
/// The same; the talent says so first.
pub(super) const PARTED: Act = &[(27, 940, Step::AskEnd(Talent)), (27, 1615, Step::AgreeEnd(Client))];
/// The same, later: for what took its time.
pub(super) const ENDED_LATE: Act = &[(33, 915, Step::AskEnd(Client)), (34, 1830, Step::AgreeEnd(Talent))];

//! Jobs and proposals that take the longer way.

use super::acts::{ANSWERED, DONE, OPENED, SOUGHT};
use super::{Search, Step, Story, story};
use domain::proposal::Party::Client;

/// At night, while support looks at every job, this one is submitted.
const REVIEWED: super::Act =
    &[(0, 300, Step::Draft), (0, 320, Step::Moderated), (0, 340, Step::Open), (0, 400, Step::UsualFees)];

pub(super) const STORIES: &[Story] = &[
    story(
        88,
        ("Answer letters to a radio show", "A hundred listeners, each with a question and a stamp."),
        ("asha", "maya"),
        ("USD", &[("Answers", "500")]),
        &[REVIEWED],
    ),
    story(
        70,
        ("Do my homework", "Two pages on the causes of something."),
        ("dmitri", "leo"),
        ("EUR", &[("Pages", "40")]),
        &[REVIEWED, &[(0, 930, Step::Search(Search::Reject))]],
    ),
    story(
        40,
        ("Catalogue a button collection", "Nine thousand buttons, a third of them blue."),
        ("elif", "nadia"),
        ("EUR", &[("Catalogue", "1900")]),
        &[
            REVIEWED,
            &[
                (0, 930, Step::Search(Search::Approve)),
                (0, 1500, Step::Search(Search::Invite)),
                (1, 1010, Step::Search(Search::Save)),
                (1, 1530, Step::Search(Search::Rewrite)),
                (1, 1720, Step::Search(Search::SubmitSaved)),
                (2, 930, Step::Search(Search::Revise(2))),
                (2, 1400, Step::Search(Search::Rewrite)),
                (4, 1000, Step::Search(Search::Shortlist)),
                (5, 1100, Step::Offer(Client)),
                (6, 900, Step::Search(Search::Counter)),
                (7, 1600, Step::Search(Search::DeclineOffer)),
                (8, 1000, Step::Search(Search::Pause)),
                (12, 1000, Step::Search(Search::Resume)),
                (14, 1300, Step::Search(Search::Close)),
                (15, 900, Step::Search(Search::Reopen)),
            ],
        ],
    ),
    story(
        75,
        ("Carve a shop sign", "A whale, smiling, two metres long."),
        ("greta", "hugo"),
        ("EUR", &[("Sign", "1250")]),
        &[OPENED, &[(3, 1100, Step::Search(Search::Pause))]],
    ),
    story(
        66,
        ("Mix a choir's first record", "Forty voices, one church, eleven songs."),
        ("keiko", "yuki"),
        ("JPY", &[("Mix", "210000")]),
        // Who proposed is told three days later that the search is over.
        &[SOUGHT, &[(6, 1500, Step::Search(Search::Close))]],
    ),
    story(
        81,
        ("Win a lottery for me", "You know how."),
        ("bruno", "carlos"),
        ("USD", &[("Numbers", "10")]),
        &[OPENED, &[(1, 1000, Step::Search(Search::Remove))]],
    ),
    story(
        82,
        ("Draw a map of a choir's tour", "Twelve towns, with the names that people there use."),
        ("hiro", "diego"),
        ("JPY", &[("Map", "90000")]),
        &[
            OPENED,
            &[
                (2, 1000, Step::Search(Search::DirectOffer)),
                (3, 1100, Step::Search(Search::TakeBack)),
                (4, 1500, Step::Search(Search::Save)),
            ],
        ],
    ),
    story(
        72,
        ("Teach a parrot the anthem", "It knows the first line, and nothing keeps it from that."),
        ("jonas", "lucia"),
        ("EUR", &[("Lessons", "300")]),
        &[ANSWERED, &[(4, 1010, Step::Search(Search::Withdraw))]],
    ),
    story(
        71,
        ("Sew costumes for a puppet play", "Five puppets, one of them a storm."),
        ("chiara", "rania"),
        ("EUR", &[("Costumes", "750")]),
        &[ANSWERED, &[(5, 1430, Step::Search(Search::Decline))]],
    ),
    story(
        20,
        ("Repair a carillon's keyboard", "It plays all day, and one note late."),
        ("farid", "felix"),
        ("EUR", &[("Repair", "1700")]),
        &[
            OPENED,
            &[
                (2, 1000, Step::Search(Search::Remove)),
                (3, 900, Step::Search(Search::Reinstate)),
                (3, 1400, Step::Search(Search::DirectOffer)),
                (4, 1000, Step::Accept),
            ],
            DONE,
        ],
    ),
];

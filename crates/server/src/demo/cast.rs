//! Who takes part, and what they say. Names are only subjects of tokens; the log knows parties.

/// The talents; `talent` is the one of `tokens.json`.
pub(super) const TALENTS: &[&str] = &[
    "talent", "noor", "kenji", "lena", "mateo", "amara", "yuki", "sofia", "tomas", "priya", "olu", "wen",
    "nadia", "pavel", "rosa", "idris", "hana", "leo", "mina", "carlos", "freya", "samir", "anouk", "diego",
    "eva", "felix", "gita", "hugo", "ida", "jakub", "kofi", "lucia", "maya", "nils", "oona", "pedro",
    "quinn", "rania", "sven", "tara",
];

/// Cover letters.
pub(super) const LETTERS: &[&str] = &[
    "I have done this twice this year and can start on Monday.",
    "Your brief made me smile. I attach nothing yet, but I have three questions and a plan.",
    "This is my favourite kind of work. I can show you two similar pieces in a short call.",
    "I can take this on from next week and would rather do it slowly and well.",
    "I live two streets away from where this was made, and would love to help.",
    "My last client came back with a second commission; happy to put you in touch.",
    "I would begin with a small sample, so that you see how I work before anything is decided.",
    "Ten years of this, and I still enjoy it. My calendar is open from the third week on.",
    "I propose one milestone more than you had in mind, so that you can stop after the first.",
    "I read your brief twice and believe it needs less than you think. Let me show you.",
    "I work in the mornings, answer in the afternoons, and deliver on Fridays.",
    "We met at the spring fair; I am still thinking about what you said there.",
];

/// What talents say when they hand work in.
pub(super) const NOTES: &[&str] = &[
    "A first version is in the shared folder, with notes on what I left out and why.",
    "Done. The two places where I wasn't sure are marked in yellow.",
    "Here it is, with the sources, and a page on how to change it later without me.",
    "This took a day longer than planned and is the better for it.",
    "Everything we agreed on is in. I also fixed the small thing you mentioned on Tuesday.",
    "Please look at the third part first; if that feels right, the rest follows from it.",
    "I tried two ways and kept the simpler one. The other one is in the folder, too.",
    "Final files, checked twice. It was a pleasure.",
];

/// Why clients send work back.
pub(super) const CHANGES: &[&str] = &[
    "Lovely. Please use the colours of the style guide, and shorten the second part.",
    "Almost there: the tone is right, but the figures are last year's.",
    "It works on my desk, but not on my phone. Could you look at the narrow case?",
    "Our colleagues abroad read this, too. Please leave the idioms out.",
    "The middle drags a little; otherwise we are very happy with it.",
];

/// Why clients ask for money back.
pub(super) const REGRETS: &[&str] = &[
    "The venue has closed, so we won't need this any more. I am sorry for the short notice.",
    "Our grant was cut by half, and this part has to go.",
    "We heard nothing for two weeks and had to find somebody else.",
    "What we have seen so far isn't what we agreed on.",
];

/// What talents answer when they refuse.
pub(super) const REFUSALS: &[&str] = &[
    "Most of the work is done, and the rest was waiting for your answers. I can't give all of it back.",
    "I kept to the brief and to every date in it; the drafts in the folder show it.",
];

/// Why support sends jobs back, or takes them away.
pub(super) const OBJECTIONS: &[&str] = &[
    "This isn't something that we let people be paid for. Please read the house rules.",
    "Nobody could do honestly what this asks for.",
];

/// Why one side doesn't want the other's.
pub(super) const PARTINGS: &[&str] = &[
    "We have found somebody nearer by. Thank you for the care that you took.",
    "Lovely work, but not for this. May we come back to you in spring?",
    "We are too far apart, and I would rather say so now.",
];

/// Why payouts are refused.
pub(super) const REJECTIONS: &[&str] =
    &["The name on the bank account isn't yours. Please add one of your own and ask again."];

/// Why money is disputed, and decisions are.
pub(super) const CLAIMS: &[&str] = &[
    "Half of what we agreed on is missing, and the other half isn't what we agreed on.",
    "I did the work as it was described; since then nobody has answered me.",
    "The files that were delivered don't open, on any of our three computers.",
    "There is a letter from the printer that nobody has looked at yet.",
];

/// What the other side says to that.
pub(super) const ANSWERS: &[&str] = &[
    "The dates in the folder tell another story. I would still rather settle this over a cup of tea.",
    "Some of it is late, I admit. But late isn't missing.",
];

/// What both sides hand in.
pub(super) const PROOFS: &[&str] = &[
    "The brief, with the sentence about colours marked.",
    "Our letters of March, in order, with both of the answers.",
    "A list of what was delivered, and when, with the sizes of the files.",
];

/// What mediators ask.
pub(super) const QUESTIONS: &[&str] =
    &["When did you first say that the middle part is missing?", "Who else has seen the second draft?"];

/// Why mediators and arbitrators divide the money as they do.
pub(super) const RULINGS: &[&str] = &[
    "What was delivered can be used, and what is missing was never promised in writing. Both bear a part.",
    "The brief is clear, and so are the dates. The work is worth most of its price.",
    "Nobody could have known from the brief what was wanted. I divide it as the letters of March suggest.",
];

/// Why compliance stops money, and contracts.
pub(super) const FREEZES: &[&str] =
    &["We ask both sides for the invoice of the material before this goes on."];

//! Defects that are built in on purpose, so that the simulator can show that it finds them. They are compiled only with
//! the feature `sabotage`, which nothing but the simulator's controls asks for.

/// A defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// An approval releases twice.
    DoubleRelease,
    /// Work that nobody reviews never approves itself.
    SkippedTimer,
    /// A firing goes on whatever became of its timer.
    LostEpochGuard,
    /// What was captured without a purpose goes back with all else that was captured.
    RefundAboveCapture,
    /// A payout of which nobody knows the outcome is taken to have failed, and sent again.
    PaidTwiceAfterUnknown,
    /// Two payouts share a balance.
    SharedBalance,
    /// A payout is sent before its cash is settled.
    UnsettledCash,
    /// The talent fee is rounded on each release by itself, whatever was charged before.
    FeeRoundedPerSlice,
    /// An award leaves what is held of the client fee where it is.
    ClientFeeForgottenInAward,
    /// An approval releases what compliance has frozen.
    ReleaseWhileFrozen,
    /// What the client paid on top doesn't move with the escrow.
    CreditLostInRollForward,
    /// Evidence is heard after it was sealed.
    EvidenceAfterSealing,
    /// The mediator decides the appeal.
    AppealByTheMediator,
    /// Who asked for a payout approves it.
    MakerApproves,
}

impl Sabotage {
    /// Every defect.
    pub const ALL: &'static [Self] = &[
        Self::DoubleRelease,
        Self::SkippedTimer,
        Self::LostEpochGuard,
        Self::RefundAboveCapture,
        Self::PaidTwiceAfterUnknown,
        Self::SharedBalance,
        Self::UnsettledCash,
        Self::FeeRoundedPerSlice,
        Self::ClientFeeForgottenInAward,
        Self::ReleaseWhileFrozen,
        Self::CreditLostInRollForward,
        Self::EvidenceAfterSealing,
        Self::AppealByTheMediator,
        Self::MakerApproves,
    ];
}

#[cfg(feature = "sabotage")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Sabotage>> = const { std::cell::Cell::new(None) };
}

/// Plants a defect in all decisions of this thread, or takes it out.
#[cfg(feature = "sabotage")]
pub fn plant(defect: Option<Sabotage>) {
    PLANTED.set(defect);
}

/// Whether a defect is planted.
#[cfg(feature = "sabotage")]
pub(crate) fn is_planted(defect: Sabotage) -> bool {
    PLANTED.get() == Some(defect)
}

/// No defect is planted in what isn't sabotaged.
#[cfg(not(feature = "sabotage"))]
pub(crate) const fn is_planted(_: Sabotage) -> bool {
    false
}

//! Commands that change what was agreed, and whether it goes on.

use super::{Contract, of_outcome};
use crate::command::{give, inputs, payload};
use crate::money::MoneyInput;
use crate::scalar::{ContractId, MilestoneId};
use async_graphql::{Context, InputObject, Object, Result};
use domain::contract::{
    AcceptAmendment, AgreeMilestone, CancelMilestone, Change, PauseContract, ProposeAmendment,
    ProposeMilestone, RejectAmendment, ReopenContract, ResumeContract, WithdrawAmendment,
};
use domain::personal::Personal;
use domain::text::{Text, Title};
use domain::{Code, Refusal};

inputs! {
    /// Input of `proposeMilestone`.
    ProposeMilestoneInput {
        /// The contract.
        contract_id: ContractId,
        /// One line, at most 200 characters.
        title: String,
        /// What escrow will hold.
        amount: MoneyInput,
    }
    /// Input of `agreeMilestone`.
    AgreeMilestoneInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
    }
    /// Input of `cancelMilestone`.
    CancelMilestoneInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
    }
    /// Input of `proposeAmendment`.
    ProposeAmendmentInput {
        /// The contract.
        contract_id: ContractId,
        /// What changes, all of it or nothing, at most 100 changes.
        changes: Vec<ChangeInput>,
    }
    /// Input of `acceptAmendment`.
    AcceptAmendmentInput {
        /// The contract.
        contract_id: ContractId,
        /// Which amendment, as it counts on the contract.
        number: u32,
    }
    /// Input of `rejectAmendment`.
    RejectAmendmentInput {
        /// The contract.
        contract_id: ContractId,
        /// Which amendment, as it counts on the contract.
        number: u32,
    }
    /// Input of `withdrawAmendment`.
    WithdrawAmendmentInput {
        /// The contract.
        contract_id: ContractId,
        /// Which amendment, as it counts on the contract.
        number: u32,
    }
    /// Input of `pauseContract`.
    PauseContractInput {
        /// The contract.
        contract_id: ContractId,
    }
    /// Input of `resumeContract`.
    ResumeContractInput {
        /// The contract.
        contract_id: ContractId,
    }
    /// Input of `reopenContract`.
    ReopenContractInput {
        /// The contract.
        contract_id: ContractId,
    }
}

/// A change of what was agreed: of a milestone, or a further milestone.
#[derive(InputObject)]
pub(crate) struct ChangeInput {
    /// The milestone that changes; none for a further one.
    milestone_id: Option<MilestoneId>,
    /// The new title, at most 200 characters; a further milestone needs one.
    title: Option<String>,
    /// The new amount, of a milestone without money; a further milestone needs one.
    amount: Option<MoneyInput>,
}

impl ChangeInput {
    fn read(&self) -> Result<Change, Refusal> {
        let title = self.title.as_deref().map(Text::parse).transpose();
        let title: Option<Title> = title.map_err(|refusal| refusal.at("title"))?;
        let amount = self.amount.as_ref().map(MoneyInput::read).transpose();
        let amount = amount.map_err(|refusal| refusal.at("amount"))?;
        if let Some(milestone_id) = self.milestone_id {
            let title = title.map(Personal::Clear);
            return Ok(Change::Revise { milestone_id: milestone_id.0, title, amount });
        }
        let title =
            title.ok_or_else(|| Refusal::new(Code::TextEmpty, "some text is needed here").at("title"))?;
        let missing =
            || Refusal::new(Code::AmountMalformed, "a further milestone needs an amount").at("amount");
        Ok(Change::Add { title: Personal::Clear(title), amount: amount.ok_or_else(missing)? })
    }
}

payload! {
    /// What `proposeMilestone` came to.
    ProposeMilestonePayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `agreeMilestone` came to.
    AgreeMilestonePayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `cancelMilestone` came to.
    CancelMilestonePayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `proposeAmendment` came to.
    ProposeAmendmentPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `acceptAmendment` came to.
    AcceptAmendmentPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `rejectAmendment` came to.
    RejectAmendmentPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `withdrawAmendment` came to.
    WithdrawAmendmentPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `pauseContract` came to.
    PauseContractPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `resumeContract` came to.
    ResumeContractPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `reopenContract` came to.
    ReopenContractPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

/// Commands that change what was agreed, and whether it goes on.
#[derive(Default)]
pub(crate) struct TermsMutations;

/// Commands that change what was agreed, and whether it goes on.
#[Object]
impl TermsMutations {
    /// Proposes a further milestone. For either side.
    async fn propose_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The milestone.")] input: ProposeMilestoneInput,
    ) -> Result<ProposeMilestonePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(ProposeMilestone {
                contract_id: input.contract_id.0,
                title: Text::parse(&input.title).map_err(|refusal| refusal.at("title"))?,
                amount: input.amount.read().map_err(|refusal| refusal.at("amount"))?,
            })
        });
        outcome.await.map(ProposeMilestonePayload)
    }

    /// Agrees to a milestone that the other side proposed.
    async fn agree_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: AgreeMilestoneInput,
    ) -> Result<AgreeMilestonePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(AgreeMilestone { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(AgreeMilestonePayload)
    }

    /// Does without a milestone that nobody funded: its proposer before the other side agreed, or both sides, one after the other.
    async fn cancel_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: CancelMilestoneInput,
    ) -> Result<CancelMilestonePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(CancelMilestone { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(CancelMilestonePayload)
    }

    /// Proposes to change what was agreed. For either side.
    async fn propose_amendment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: ProposeAmendmentInput,
    ) -> Result<ProposeAmendmentPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let changes = input.changes.iter().enumerate();
            let changes = changes
                .map(|(i, change)| change.read().map_err(|refusal| refusal.at(format!("changes[{i}]"))))
                .collect::<Result<_, _>>()?;
            Ok(ProposeAmendment { contract_id: input.contract_id.0, changes })
        });
        outcome.await.map(ProposeAmendmentPayload)
    }

    /// Accepts an amendment, which makes its changes. For the side that did not propose it.
    async fn accept_amendment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which amendment.")] input: AcceptAmendmentInput,
    ) -> Result<AcceptAmendmentPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(AcceptAmendment { contract_id: input.contract_id.0, number: input.number })
        });
        outcome.await.map(AcceptAmendmentPayload)
    }

    /// Refuses an amendment. For the side that did not propose it.
    async fn reject_amendment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which amendment.")] input: RejectAmendmentInput,
    ) -> Result<RejectAmendmentPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(RejectAmendment { contract_id: input.contract_id.0, number: input.number })
        });
        outcome.await.map(RejectAmendmentPayload)
    }

    /// Takes an amendment back. For the side that proposed it.
    async fn withdraw_amendment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which amendment.")] input: WithdrawAmendmentInput,
    ) -> Result<WithdrawAmendmentPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(WithdrawAmendment { contract_id: input.contract_id.0, number: input.number })
        });
        outcome.await.map(WithdrawAmendmentPayload)
    }

    /// Has a contract begin nothing new. For the client and for support, each with a reason of their own.
    async fn pause_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract.")] input: PauseContractInput,
    ) -> Result<PauseContractPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(PauseContract { contract_id: input.contract_id.0 }));
        outcome.await.map(PauseContractPayload)
    }

    /// Takes one's own reason for a pause back; the contract goes on when none is left. For the client and for support.
    async fn resume_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract.")] input: ResumeContractInput,
    ) -> Result<ResumeContractPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(ResumeContract { contract_id: input.contract_id.0 }));
        outcome.await.map(ResumeContractPayload)
    }

    /// Goes on after the end, once both sides have said so.
    async fn reopen_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract.")] input: ReopenContractInput,
    ) -> Result<ReopenContractPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(ReopenContract { contract_id: input.contract_id.0 }));
        outcome.await.map(ReopenContractPayload)
    }
}

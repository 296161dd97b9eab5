//! A marketplace whose money goes everywhere it can go: back, into dispute, and out to the talent.

use super::market::{CLIENT, Market, TALENT, begun, text, usd};
use domain::account::{HoldReason, PlacePayoutHold, ReleasePayoutHold};
use domain::contract::{
    AgreeEnd, AgreeRefund, ApproveMilestone, CancelContract, RejectRefund, RequestEnd, RequestRefund,
    WithdrawEnd, WithdrawRefundRequest,
};
use domain::deposit::{PaymentMethod, ProviderObject, ProviderWord, RefundDeposit};
use domain::dispute::WithdrawDispute;
use domain::id::{ContractId, DepositId, DisputeId, PayoutId, RefundId};
use domain::marketplace::{PauseProcess, PauseRail, ResumeProcess, ResumeRail};
use domain::money::Currency;
use domain::payout::{
    AcknowledgePayout, FailPayout, RecordPayoutPaid, RequestPayout, ReturnPayout, SubmitPayout,
};
use domain::process::ProcessName;
use domain::refund::{AcknowledgeRefund, ConfirmRefund, FailRefund, StartRefundAttempt};
use domain::treasury::RecordSettlement;
use domain::{Event, StreamId};

pub(super) const ACCOUNT: StreamId = StreamId::Account(TALENT, Currency::USD);

pub(super) fn object(text: &str) -> ProviderObject {
    ProviderObject::parse(text).unwrap()
}

pub(super) fn word(text: &str) -> ProviderWord {
    ProviderWord::parse(text).unwrap()
}

fn refund(events: &[Event]) -> RefundId {
    begun(events, |stream| if let StreamId::Refund(id) = stream { Some(*id) } else { None })
}

fn rail() -> String {
    "sandbox".to_owned()
}

impl Market {
    /// A contract whose first milestone is funded.
    pub(super) async fn funded(&mut self, amounts: &[i64]) -> ContractId {
        let contract = self.agree(amounts).await;
        self.fund(contract, 1, amounts[0]).await;
        contract
    }

    pub(super) async fn request_refund(&mut self, contract_id: ContractId) {
        let (milestone_id, reasons) = (self.milestone(contract_id, 1), text("Nobody came"));
        self.person(CLIENT, RequestRefund { contract_id, milestone_id, reasons }).await;
    }

    pub(super) async fn withdraw_refund_request(&mut self, contract_id: ContractId) {
        let milestone_id = self.milestone(contract_id, 1);
        self.person(CLIENT, WithdrawRefundRequest { contract_id, milestone_id }).await;
    }

    pub(super) async fn agree_refund(&mut self, contract_id: ContractId) -> RefundId {
        let milestone_id = self.milestone(contract_id, 1);
        refund(&self.person(TALENT, AgreeRefund { contract_id, milestone_id }).await)
    }

    /// The talent refuses the refund that the client asked for.
    pub(super) async fn dispute(&mut self, contract_id: ContractId) -> DisputeId {
        self.request_refund(contract_id).await;
        let (milestone_id, answer) = (self.milestone(contract_id, 1), text("I was there"));
        let events = self.person(TALENT, RejectRefund { contract_id, milestone_id, answer }).await;
        begun(&events, |stream| if let StreamId::Dispute(id) = stream { Some(*id) } else { None })
    }

    pub(super) async fn withdraw_dispute(&mut self, dispute_id: DisputeId) {
        self.person(CLIENT, WithdrawDispute { dispute_id }).await;
    }

    pub(super) async fn request_end(&mut self, contract_id: ContractId) {
        self.person(CLIENT, RequestEnd { contract_id }).await;
    }

    pub(super) async fn withdraw_end(&mut self, contract_id: ContractId) {
        self.person(CLIENT, WithdrawEnd { contract_id }).await;
    }

    pub(super) async fn agree_end(&mut self, contract_id: ContractId) {
        self.person(TALENT, AgreeEnd { contract_id }).await;
    }

    pub(super) async fn cancel(&mut self, contract_id: ContractId) {
        self.person(CLIENT, CancelContract { contract_id }).await;
    }

    /// Sends back what came under the deposit's reference without a purpose.
    pub(super) async fn refund_deposit(&mut self, deposit_id: DepositId) -> RefundId {
        let provider_object = object(&format!("pay_{deposit_id}"));
        refund(&self.system(RefundDeposit { deposit_id, provider_object }).await)
    }

    /// The provider takes the order for the refund.
    pub(super) async fn send_refund(&mut self, refund_id: RefundId) {
        self.system(StartRefundAttempt { refund_id }).await;
        let provider_object = object(&format!("ref_{refund_id}"));
        self.system(AcknowledgeRefund { refund_id, rail: rail(), provider_object }).await;
    }

    pub(super) async fn confirm_refund(&mut self, refund_id: RefundId) {
        let provider_object = object(&format!("ref_{refund_id}"));
        self.provider(ConfirmRefund { refund_id, rail: rail(), provider_object }).await;
    }

    pub(super) async fn fail_refund(&mut self, refund_id: RefundId) {
        self.provider(FailRefund { refund_id, rail: rail(), reason: word("account_closed") }).await;
    }

    /// A released milestone of this gross amount, of which the talent gets 88 %.
    pub(super) async fn released(&mut self, minor: i64) -> ContractId {
        let contract_id = self.funded(&[minor]).await;
        self.submit_work(contract_id, 1, "All of it").await;
        let milestone_id = self.milestone(contract_id, 1);
        self.person(CLIENT, ApproveMilestone { contract_id, milestone_id }).await;
        contract_id
    }

    /// Earnings that can be paid out, from this gross amount.
    pub(super) async fn earn(&mut self, minor: i64) {
        let contract = self.released(minor).await;
        self.fire(StreamId::Contract(contract)).await;
    }

    /// A payout that is held, since its destination is new.
    pub(super) async fn request_payout(&mut self, minor: i64, destination: &str) -> PayoutId {
        let destination = PaymentMethod::parse(destination).unwrap();
        let request = RequestPayout { party_id: TALENT, amount: usd(minor), rail: "sandbox", destination };
        let events = self.person(TALENT, request).await;
        begun(&events, |stream| if let StreamId::Payout(id) = stream { Some(*id) } else { None })
    }

    /// A payout of these minor units that is approved and waits to be sent.
    pub(super) async fn approved_payout(&mut self, minor: i64) -> PayoutId {
        let payout = self.request_payout(minor, "acct_12345678").await;
        self.fire(ACCOUNT).await;
        self.fire(StreamId::Payout(payout)).await;
        payout
    }

    /// The provider settles this much to the bank, and keeps 1.00 of it.
    pub(super) async fn settle(&mut self, minor: i64) {
        let provider_object = object(&format!("stl_{}", self.log.head()));
        let (gross, fee) = (usd(minor), usd(100));
        self.provider(RecordSettlement { rail: rail(), provider_object, gross, fee }).await;
    }

    pub(super) async fn submit_payout(&mut self, payout_id: PayoutId) {
        self.system(SubmitPayout { payout_id }).await;
    }

    pub(super) async fn acknowledge_payout(&mut self, payout_id: PayoutId) {
        let provider_object = object(&format!("out_{payout_id}"));
        self.system(AcknowledgePayout { payout_id, rail: rail(), attempt: 1, provider_object }).await;
    }

    pub(super) async fn pay(&mut self, payout_id: PayoutId) {
        let provider_object = object(&format!("out_{payout_id}"));
        self.provider(RecordPayoutPaid { payout_id, rail: rail(), attempt: 1, provider_object }).await;
    }

    pub(super) async fn fail_payout(&mut self, payout_id: PayoutId, attempt: u16) {
        let reason = word("bank_refused");
        self.provider(FailPayout { payout_id, rail: rail(), attempt, reason }).await;
    }

    pub(super) async fn return_payout(&mut self, payout_id: PayoutId) {
        let (reason, cost) = (word("no_account"), usd(500));
        self.provider(ReturnPayout { payout_id, rail: rail(), reason, cost }).await;
    }

    pub(super) async fn hold(&mut self, reason: HoldReason) {
        self.staff(PlacePayoutHold { party_id: TALENT, currency: Currency::USD, reason }).await;
    }

    pub(super) async fn release_hold(&mut self, reason: HoldReason) {
        self.staff(ReleasePayoutHold { party_id: TALENT, currency: Currency::USD, reason }).await;
    }

    /// A history in which every kind of row of every read model comes, changes and goes.
    pub(super) async fn everything(&mut self) {
        self.pauses().await;
        self.endings().await;
        self.refunds().await;
        self.payouts().await;
        self.searches().await;
        self.negotiations().await;
    }

    async fn pauses(&mut self) {
        let (process, reason) = (ProcessName::Funding, text("Bank outage"));
        self.staff(PauseProcess { process, reason }).await;
        self.staff(PauseRail { rail: "sandbox", reason: text("Incident") }).await;
        self.staff(ResumeRail { rail: "sandbox" }).await;
        self.staff(ResumeProcess { process }).await;
        self.staff(PauseRail { rail: "sandbox", reason: text("Incident") }).await;
    }

    async fn endings(&mut self) {
        let job = self.open_job().await;
        let proposal = self.propose(job).await;
        self.offer(proposal, &[100]).await;
        self.fire(StreamId::Proposal(proposal)).await;
        self.fire(StreamId::Job(job)).await;
        let unfunded = self.agree(&[100, 200]).await;
        self.request_deposit(unfunded, 2).await;
        self.cancel(unfunded).await;
        let contract = self.funded(&[1_000, 200]).await;
        self.request_end(contract).await;
        self.withdraw_end(contract).await;
        self.request_end(contract).await;
        self.agree_end(contract).await;
        self.fire(StreamId::Contract(contract)).await;
        self.journey().await;
    }

    async fn refunds(&mut self) {
        let contract = self.funded(&[1_000]).await;
        self.request_refund(contract).await;
        self.withdraw_refund_request(contract).await;
        let dispute = self.dispute(contract).await;
        self.withdraw_dispute(dispute).await;
        self.request_refund(contract).await;
        let refund = self.agree_refund(contract).await;
        self.send_refund(refund).await;
        self.fire(StreamId::Refund(refund)).await;
        self.confirm_refund(refund).await;
        self.fail_refund(refund).await;
        let contract = self.agree(&[1_000]).await;
        let late = self.request_deposit(contract, 1).await;
        self.fire(StreamId::Deposit(late)).await;
        self.capture(late, 1_150).await;
        let refund = self.refund_deposit(late).await;
        self.send_refund(refund).await;
        self.fire(StreamId::Refund(refund)).await;
        let disputed = self.funded(&[1_000]).await;
        self.dispute(disputed).await;
        let excess = self.request_deposit(contract, 1).await;
        self.capture(excess, 2_000).await;
    }

    async fn payouts(&mut self) {
        self.earn(100_000).await;
        let payout = self.approved_payout(30_000).await;
        self.submit_payout(payout).await;
        self.settle(115_000).await;
        self.submit_payout(payout).await;
        self.acknowledge_payout(payout).await;
        self.fire(StreamId::Payout(payout)).await;
        self.pay(payout).await;
        self.return_payout(payout).await;
        self.release_hold(HoldReason::Payee).await;
        let payout = self.request_payout(20_000, "acct_12345678").await;
        self.fire(StreamId::Payout(payout)).await;
        for attempt in 1..=4 {
            self.submit_payout(payout).await;
            self.fail_payout(payout, attempt).await;
            if attempt < 4 {
                self.fire(StreamId::Payout(payout)).await;
                self.fire(StreamId::Payout(payout)).await;
            }
        }
        self.hold(HoldReason::Legal).await;
        self.released(200_000).await;
    }
}

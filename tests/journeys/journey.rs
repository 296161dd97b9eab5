//! One contract's way from a draft to released money, as a script: each step is a command under a key of its own, or
//! a look at what has to happen by itself, so that a script cut off anywhere goes on where it was.

use crate::graphql::{Answer, Caller, Gone};
use crate::loss::Acknowledged;
use crate::node::Node;
use serde_json::{Value, json};
use std::time::Duration;

/// How often something that happens by itself is looked for, and how long between two looks.
const LOOKS_MAX: usize = 3_000;
const PAUSE: Duration = Duration::from_millis(10);

/// A step; a milestone is named by its place, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    CreateJob,
    SubmitJob,
    SubmitProposal,
    MakeOffer,
    AcceptOffer,
    Fund(usize),
    AwaitFunds(usize),
    SubmitWork(usize),
    RequestChanges(usize),
    Resubmit(usize),
    Approve(usize),
}

/// From nothing to the first milestone's release.
pub(crate) const WHOLE: &[Step] = &[
    Step::CreateJob,
    Step::SubmitJob,
    Step::SubmitProposal,
    Step::MakeOffer,
    Step::AcceptOffer,
    Step::Fund(0),
    Step::AwaitFunds(0),
    Step::SubmitWork(0),
    Step::RequestChanges(0),
    Step::Resubmit(0),
    Step::Approve(0),
];

/// Who takes part.
pub(crate) struct People {
    pub(crate) client: Caller,
    pub(crate) talent: Caller,
}

impl People {
    /// Those of the banner.
    pub(crate) fn of(node: &Node) -> Self {
        Self { client: node.persona("client"), talent: node.persona("talent") }
    }

    pub(crate) fn with_role(&self, role: &str) -> &Caller {
        match role {
            "client" => &self.client,
            "talent" => &self.talent,
            other => panic!("nobody takes part as {other}"),
        }
    }
}

/// A command of the script.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    /// Who gives it.
    pub(crate) role: &'static str,
    pub(crate) mutation: &'static str,
    pub(crate) input: Value,
}

impl Command {
    /// The same under another key.
    pub(crate) fn under(&self, key: &str) -> Self {
        let mut command = self.clone();
        command.input["idempotencyKey"] = key.into();
        command
    }
}

/// Ids that the answers gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    pub(crate) job: String,
    pub(crate) proposal: String,
    pub(crate) offer: u64,
    pub(crate) terms_hash: String,
    pub(crate) contract: String,
    pub(crate) milestones: Vec<String>,
}

/// A contract on its way.
pub(crate) struct Journey {
    pub(crate) name: String,
    pub(crate) ids: Ids,
    pub(crate) acknowledged: Vec<Acknowledged>,
    currency: &'static str,
    amounts: Vec<String>,
    steps: &'static [Step],
    done: usize,
}

impl Journey {
    /// The script `steps` for a contract in dollars with a milestone for each of `amounts`.
    pub(crate) fn new(name: &str, amounts: &[&str], steps: &'static [Step]) -> Self {
        Self {
            name: name.to_owned(),
            ids: Ids::default(),
            acknowledged: Vec::new(),
            currency: "USD",
            amounts: amounts.iter().map(|amount| (*amount).to_owned()).collect(),
            steps,
            done: 0,
        }
    }

    /// The same in another currency.
    pub(crate) fn in_currency(self, currency: &'static str) -> Self {
        Self { currency, ..self }
    }

    /// What comes next; `None` at the end.
    pub(crate) fn next(&self) -> Option<Step> {
        self.steps.get(self.done).copied()
    }

    /// Goes to the end.
    pub(crate) async fn run(&mut self, people: &People) -> Result<(), Gone> {
        while self.next().is_some() {
            self.advance(people).await?;
        }
        Ok(())
    }

    /// Goes on until `last` is done.
    pub(crate) async fn run_to(&mut self, people: &People, last: Step) {
        while let Some(step) = self.next() {
            self.advance(people).await.expect("the node to be there");
            if step == last {
                return;
            }
        }
    }

    /// Does the next step.
    pub(crate) async fn advance(&mut self, people: &People) -> Result<(), Gone> {
        let Some(step) = self.next() else { return Ok(()) };
        match self.command(step) {
            Some(command) => {
                let entity = self.give(people, command).await?;
                self.learn(step, &entity);
            }
            None => self.look(people, step).await?,
        }
        self.done += 1;
        Ok(())
    }

    /// The command of a step, under the step's key; `None` for a look.
    pub(crate) fn command(&self, step: Step) -> Option<Command> {
        let name = &self.name;
        let milestone = |place: usize| self.milestone(place);
        let with = |mut input: Value, field: &str, text: String| {
            input[field] = text.into();
            input
        };
        let (role, mutation, input) = match step {
            Step::CreateJob => {
                ("client", "createJob", json!({"title": name, "description": format!("All about {name}.")}))
            }
            Step::SubmitJob => ("client", "submitJob", json!({"jobId": self.ids.job})),
            Step::SubmitProposal => (
                "talent",
                "submitProposal",
                json!({"jobId": self.ids.job, "coverLetter": format!("I can do {name}.")}),
            ),
            Step::MakeOffer => (
                "client",
                "makeOffer",
                json!({"proposalId": self.ids.proposal, "milestones": self.milestones()}),
            ),
            Step::AcceptOffer => (
                "talent",
                "acceptOffer",
                json!({"proposalId": self.ids.proposal, "offer": self.ids.offer, "termsHash": self.ids.terms_hash}),
            ),
            Step::Fund(place) => {
                ("client", "fundMilestone", with(milestone(place), "paymentMethod", "pm_card".to_owned()))
            }
            Step::AwaitFunds(_) => return None,
            Step::SubmitWork(place) => {
                ("talent", "submitWork", with(milestone(place), "note", format!("First version of {name}.")))
            }
            Step::RequestChanges(place) => (
                "client",
                "requestChanges",
                with(milestone(place), "reasons", format!("{name} in green, please.")),
            ),
            Step::Resubmit(place) => {
                ("talent", "submitWork", with(milestone(place), "note", format!("{name} is green now.")))
            }
            Step::Approve(place) => ("client", "approveMilestone", milestone(place)),
        };
        let key = format!("{name}/{step:?}");
        let command = Command { role, mutation, input };
        Some(command.under(&key))
    }

    /// The milestone at a place, as an input names it.
    pub(crate) fn milestone(&self, place: usize) -> Value {
        json!({"contractId": self.ids.contract, "milestoneId": self.ids.milestones[place]})
    }

    fn milestones(&self) -> Value {
        let milestones = self.amounts.iter().enumerate();
        milestones
            .map(|(place, amount)| json!({"title": format!("Part {place}"), "amount": {"amount": amount, "currency": self.currency}}))
            .collect()
    }

    /// Gives a command until its outcome is known and the entity can be read; it is done once all the same.
    async fn give(&mut self, people: &People, command: Command) -> Result<Value, Gone> {
        for _ in 0..LOOKS_MAX {
            let answer = people.with_role(command.role).give(command.mutation, &command.input).await?;
            if answer.is_undecided() {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let Answer::Done(done) = answer else { panic!("{command:?}: {answer:?}") };
            let acknowledged = Acknowledged::new(&command, &done);
            if self.acknowledged.last() != Some(&acknowledged) {
                self.acknowledged.push(acknowledged);
            }
            if !done.entity.is_null() {
                return Ok(done.entity);
            }
        }
        panic!("{command:?}: the read models stay behind")
    }

    fn learn(&mut self, step: Step, entity: &Value) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        match step {
            Step::CreateJob => self.ids.job = text(&entity["id"]),
            Step::SubmitProposal => self.ids.proposal = text(&entity["id"]),
            Step::MakeOffer => {
                self.ids.offer = entity["offer"]["number"].as_u64().unwrap();
                self.ids.terms_hash = text(&entity["offer"]["termsHash"]);
            }
            Step::AcceptOffer => {
                self.ids.contract = text(&entity["id"]);
                let milestones = entity["milestones"].as_array().unwrap().iter();
                self.ids.milestones = milestones.map(|milestone| text(&milestone["id"])).collect();
            }
            Step::SubmitJob
            | Step::Fund(_)
            | Step::AwaitFunds(_)
            | Step::SubmitWork(_)
            | Step::RequestChanges(_)
            | Step::Resubmit(_)
            | Step::Approve(_) => {}
        }
    }

    async fn look(&self, people: &People, step: Step) -> Result<(), Gone> {
        let Step::AwaitFunds(place) = step else {
            return Ok(());
        };
        for _ in 0..LOOKS_MAX {
            if self.status(&people.client, place).await? == "FUNDED" {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("{}: milestone {place} is never funded", self.name)
    }

    /// A milestone's status, as the caller reads it now.
    pub(crate) async fn status(&self, caller: &Caller, place: usize) -> Result<String, Gone> {
        let query = "query($id: ContractId!) { contract(id: $id) { milestones { status } } }";
        let seen = caller.read(query, json!({"id": self.ids.contract})).await?;
        let status = seen["contract"]["milestones"][place]["status"].as_str();
        Ok(status.unwrap_or("ABSENT").to_owned())
    }

    /// The position of the newest command that was acknowledged.
    pub(crate) fn position(&self) -> u64 {
        self.acknowledged.last().map_or(0, |last| last.done.position)
    }
}

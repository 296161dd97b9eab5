//! What jobs and proposals tell, and whom, from the draft to the answer.

use super::house::{CLIENT, House, STRANGER, TALENT};
use super::told::as_role;
use super::*;
use serde_json::{Value, json};

fn client() -> Caller {
    as_role(CLIENT, Role::Client)
}

fn talent() -> Caller {
    as_role(TALENT, Role::Talent)
}

fn support() -> Caller {
    as_role(STRANGER, Role::Support)
}

impl House {
    /// Gives a command, the only one of its kind, which must succeed, and answers with what `asked` selects of its payload.
    async fn done(&self, caller: &Caller, mutation: &str, input: &str, asked: &str) -> Value {
        let document = format!(
            r#"mutation {{ {mutation}(input: {{ {input}, idempotencyKey: "{mutation}" }}) {{
                position userErrors {{ code field }} {asked}
            }} }}"#
        );
        let payload = self.data(caller, &document).await[mutation].take();
        assert_eq!(payload["userErrors"], json!([]), "{document}");
        payload
    }

    /// An open job of the client, for two.
    async fn open_job(&self) -> String {
        let draft = r#"title: "Paint", description: "All of it", headcount: 2"#;
        let id = self.done(&client(), "createJob", draft, "job { id }").await["job"]["id"].take();
        let job = format!("jobId: {id}");
        self.done(&client(), "submitJob", &job, "job { id }").await;
        job
    }

    /// A proposal for it, saved.
    async fn saved(&self, job: &str) -> String {
        let input = format!(r#"{job}, coverLetter: "I might""#);
        let saved = self.done(&talent(), "saveProposal", &input, "proposal { id status }").await;
        assert_eq!(saved["proposal"]["status"], "DRAFT");
        format!("proposalId: {}", saved["proposal"]["id"])
    }
}

const OFFER: &str = r#"milestones: [{ title: "All", amount: { amount: "100.00", currency: "USD" } }]"#;

#[tokio::test]
async fn a_removed_job_is_told_to_its_client_with_the_reasons_and_to_nobody_else() {
    let house = House::open().await;
    let job = house.open_job().await;
    let remove = format!(r#"{job}, reasons: "Not a job""#);
    let removed = house.done(&support(), "removeJob", &remove, "job { status reasons }").await;
    assert_eq!(removed["job"], json!({"status": "REMOVED", "reasons": "Not a job"}));
    let asked = format!(
        "{{ job(id: {}, after: {}) {{ status reasons }} }}",
        &job["jobId: ".len()..],
        removed["position"]
    );
    assert_eq!(house.data(&client(), &asked).await["job"], removed["job"]);
    assert_eq!(house.data(&talent(), &asked).await["job"], Value::Null);
    assert_eq!(house.data(&Caller::Guest, &asked).await["job"], Value::Null);
    let back = house.done(&support(), "reinstateJob", &job, "job { status reasons }").await;
    assert_eq!(back["job"], json!({"status": "OPEN", "reasons": null}));
}

#[tokio::test]
async fn only_staff_list_jobs_that_are_not_open_and_clients_their_own() {
    let house = House::open().await;
    let job = house.open_job().await;
    let paused = house.done(&client(), "pauseJob", &job, "job { status closesAt }").await;
    assert!(paused["job"]["closesAt"].is_string(), "{paused}");
    let listed = |also: &str| {
        let after = &paused["position"];
        format!(
            "{{ jobs(filter: {{ status: PAUSED {also} }}, afterPosition: {after}) {{ nodes {{ status }} }} }}"
        )
    };
    let one = json!([{"status": "PAUSED"}]);
    assert_eq!(house.data(&support(), &listed("")).await["jobs"]["nodes"], one);
    assert_eq!(house.data(&client(), &listed("mine: true")).await["jobs"]["nodes"], one);
    assert_eq!(house.data(&talent(), &listed("mine: true")).await["jobs"]["nodes"], json!([]));
    assert_eq!(house.code(&talent(), &listed("")).await, "FORBIDDEN");
    assert_eq!(house.code(&Caller::Guest, &listed("")).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn an_invitation_is_told_to_the_invited_and_to_the_client() {
    let house = House::open().await;
    let job = house.open_job().await;
    let invite = format!(r#"{job}, talent: "{TALENT}""#);
    let asked = "job { id invitations { talent } }";
    let invited = house.done(&client(), "inviteTalent", &invite, asked).await;
    let invitation = json!([{"talent": TALENT.to_string()}]);
    assert_eq!(invited["job"]["invitations"], invitation);
    let after = &invited["position"];
    let listed = format!(
        "{{ jobs(filter: {{ invited: true }}, afterPosition: {after}) {{ nodes {{ id invitations {{ talent }} }} }} }}"
    );
    assert_eq!(house.data(&talent(), &listed).await["jobs"]["nodes"], json!([invited["job"]]));
    let other = as_role(STRANGER, Role::Talent);
    assert_eq!(house.data(&other, &listed).await["jobs"]["nodes"], json!([]));
    let of_job = format!("{{ job(id: {}) {{ invitations {{ talent }} }} }}", invited["job"]["id"]);
    assert_eq!(house.data(&other, &of_job).await["job"]["invitations"], json!([]));
}

#[tokio::test]
async fn what_is_saved_is_told_to_its_talent_alone_until_it_is_submitted() {
    let house = House::open().await;
    let job = house.open_job().await;
    let saved = house.saved(&job).await;
    let id = &saved["proposalId: ".len()..];
    let asked = format!("{{ proposal(id: {id}) {{ status jobVersion submittedAt }} }}");
    let draft = json!({"status": "DRAFT", "jobVersion": null, "submittedAt": null});
    assert_eq!(house.data(&talent(), &asked).await["proposal"], draft);
    assert_eq!(house.data(&client(), &asked).await["proposal"], Value::Null);
    let submitted = house.done(&talent(), "submitSavedProposal", &saved, "proposal { jobVersion }").await;
    assert_eq!(submitted["proposal"]["jobVersion"], 1);
    let inbox = format!(
        "{{ proposals(filter: {{ actingAs: CLIENT, status: SUBMITTED }}, afterPosition: {}) {{ nodes {{ id }} }} }}",
        submitted["position"]
    );
    let listed = house.data(&client(), &inbox).await;
    assert_eq!(listed["proposals"]["nodes"][0]["id"].to_string(), id);
    assert_eq!(house.code(&as_role(STRANGER, Role::Client), &format!(
        r#"mutation {{ shortlistProposal(input: {{ {saved}, idempotencyKey: "k" }}) {{ position }} }}"#
    )).await, "NOT_FOUND");
}

#[tokio::test]
async fn a_negotiation_tells_every_offer_with_what_became_of_it() {
    let house = House::open().await;
    let job = house.open_job().await;
    let direct = format!(r#"{job}, talent: "{TALENT}", {OFFER}"#);
    let made = house.done(&client(), "makeDirectOffer", &direct, "proposal { id status coverLetter }").await;
    assert_eq!(
        (&made["proposal"]["status"], &made["proposal"]["coverLetter"]),
        (&json!("OFFERED"), &Value::Null)
    );
    let proposal = format!("proposalId: {}", made["proposal"]["id"]);
    let counter = format!("{proposal}, offer: 1, {OFFER}");
    house.done(&talent(), "counterOffer", &counter, "proposal { status }").await;
    let decline = format!(r#"{proposal}, offer: 2, reasons: "Too much""#);
    let asked = "proposal { status reasons offer { number } offers { number author status } }";
    let declined = house.done(&client(), "declineOffer", &decline, asked).await;
    let expected = json!({
        "status": "DECLINED",
        "reasons": "Too much",
        "offer": {"number": 2},
        "offers": [
            {"number": 2, "author": "TALENT", "status": "DECLINED"},
            {"number": 1, "author": "CLIENT", "status": "SUPERSEDED"},
        ],
    });
    assert_eq!(declined["proposal"], expected);
}

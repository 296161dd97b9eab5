//! Rebuilding through a running server: an administrator's mutation, and then looking how far it is.

use super::RebuildOptions;
use super::progress::Progress;
use crate::node_file;
use crate::secrets::{fresh_secret, read_private};
use crate::wire::Failure;
use projections::{Name, Position};
use reqwest::{Client, Url, redirect};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the server may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long from one look at the rebuild to the next.
const LOOK_EVERY: Duration = Duration::from_millis(100);

const ASK: &str = "mutation($input: RebuildReadModelInput!) { \
    answer: rebuildReadModel(input: $input) { position userErrors { code message } } }";
const LOOK: &str = "{ answer: rebuilds { name state position head requestedAt failure } }";

/// A running server, and an administrator's token for it.
pub(super) struct Server {
    client: Client,
    base: String,
    token: String,
}

/// What the server says of a rebuild.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rebuild {
    name: String,
    state: State,
    position: u64,
    head: u64,
    requested_at: u64,
    failure: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Waiting,
    Running,
    Done,
    Failed,
}

impl Server {
    /// The server that the options name.
    pub(super) fn named(url: &str, options: &RebuildOptions) -> Result<Self, Failure> {
        let token = token(&token_file(options)).map_err(|why| {
            format!("{why}: name a file that holds an administrator's token with --token-file FILE")
        })?;
        Self::at(url, token)
    }

    /// The server that runs on the store as `process`; else, why it can't be reached.
    pub(super) fn on(process: Option<u32>, options: &RebuildOptions) -> Result<Self, String> {
        let url = process.and_then(|process| node_file::url_of(&options.data, process));
        let Some(url) = url else {
            let file = node_file::path(&options.data);
            return Err(format!("{} does not say where that process listens", file.display()));
        };
        let token =
            token(&token_file(options)).map_err(|why| format!("it is the server at {url}, but {why}"))?;
        Self::at(&url, token).map_err(|error| error.to_string())
    }

    fn at(url: &str, token: String) -> Result<Self, Failure> {
        let unusable =
            |why: &str| format!("the server {url} can't be asked: {why}, such as http://127.0.0.1:8080");
        let parsed = Url::parse(url).map_err(|_| unusable("expected its own address"))?;
        if parsed.scheme() != "http" {
            return Err(unusable("expected its own address, without TLS").into());
        }
        // The token goes where it was told to, and nowhere else.
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(ANSWER_WITHIN);
        let base = url.trim_end_matches('/').trim_end_matches("/graphql").to_owned();
        Ok(Self { client: client.build()?, base, token })
    }

    /// Has the server rebuild the read model, and waits for the end. Answers with the position of the swap.
    pub(super) async fn rebuild(&self, name: Name, reason: &str) -> Result<Position, Failure> {
        let key = String::from_utf8(fresh_secret()?)?;
        let input = json!({"name": name.as_str(), "reason": reason, "idempotencyKey": key});
        let answer = self.ask(ASK, json!({"input": input})).await?;
        if let Some(error) = answer["userErrors"].get(0) {
            return Err(format!("{}: {}", shown(&error["code"]), shown(&error["message"])).into());
        }
        let asked = answer["position"].as_u64().ok_or_else(|| self.puzzling())?;
        let mut progress = Progress::of(name);
        loop {
            let answer = self.ask(LOOK, Value::Null).await?;
            let rebuilds: Vec<Rebuild> = serde_json::from_value(answer).map_err(|_| self.puzzling())?;
            let of_ours = |rebuild: &Rebuild| rebuild.name == name.as_str() && rebuild.requested_at >= asked;
            let Some(rebuild) = rebuilds.into_iter().find(of_ours) else {
                return Err(format!(
                    "the server was started anew before {name} was rebuilt, and it is as it was: ask again"
                )
                .into());
            };
            progress.show(Position::new(rebuild.position), Position::new(rebuild.head));
            match rebuild.state {
                State::Waiting | State::Running => tokio::time::sleep(LOOK_EVERY).await,
                State::Done => return Ok(Position::new(rebuild.position)),
                State::Failed => {
                    let why = rebuild.failure.unwrap_or_else(|| "it doesn't say why".to_owned());
                    return Err(format!("{name} was not rebuilt and is as it was: {why}").into());
                }
            }
        }
    }

    /// Sends an operation, and returns what its one field answers.
    async fn ask(&self, document: &str, variables: Value) -> Result<Value, Failure> {
        let request = self.client.post(format!("{}/graphql", self.base)).bearer_auth(&self.token);
        let request = request.header("accept", "application/json");
        let sent = request.json(&json!({"query": document, "variables": variables})).send().await;
        let answer = sent.map_err(|error| self.silent(&error))?;
        let mut answer: Value = answer.json().await.map_err(|_| self.puzzling())?;
        if let Some(error) = answer["errors"].get(0) {
            return Err(self.refusal(error));
        }
        Ok(answer["data"]["answer"].take())
    }

    fn refusal(&self, error: &Value) -> Failure {
        let code = shown(&error["extensions"]["code"]);
        let remedy = match code {
            "UNAUTHENTICATED" | "FORBIDDEN" => {
                ": name a file that holds an administrator's token with --token-file FILE"
            }
            _ => "",
        };
        format!("{code}: the server at {} says: {}{remedy}", self.base, shown(&error["message"])).into()
    }

    fn silent(&self, error: &reqwest::Error) -> Failure {
        let why = if error.is_timeout() { "it takes too long" } else { "the connection fails" };
        format!(
            "the server at {} doesn't answer ({why}); `counterfoil rebuild` may be repeated at any time, and without \
             --server it does the work itself where no server runs",
            self.base
        )
        .into()
    }

    fn puzzling(&self) -> Failure {
        format!("what answers at {} is no server of this version", self.base).into()
    }
}

fn shown(value: &Value) -> &str {
    value.as_str().unwrap_or("no reason given")
}

/// The file that the options name, or the one that `dev` writes.
fn token_file(options: &RebuildOptions) -> PathBuf {
    options.token_file.clone().unwrap_or_else(|| options.data.join("tokens.json"))
}

/// The administrator's token in the file: all that is in it, or what `dev` keeps there under `admin`.
fn token(path: &Path) -> Result<String, String> {
    let text = read_private(path, "token").map_err(|error| error.to_string())?;
    let token = match serde_json::from_str::<Value>(&text) {
        Ok(tokens) => tokens["admin"].as_str().unwrap_or_default().to_owned(),
        Err(_) => text.trim().to_owned(),
    };
    // A token is one word, which goes into a header.
    if token.is_empty() || token.chars().any(|c| !c.is_ascii_graphic()) {
        return Err(format!("there is no administrator's token in {}", path.display()));
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::write_private;

    fn read(content: &str) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        write_private(&path, content.as_bytes()).unwrap();
        token(&path)
    }

    #[test]
    fn a_token_stands_alone_or_among_those_of_dev() {
        assert_eq!(read("ey.J.x\n").unwrap(), "ey.J.x");
        assert_eq!(read(r#"{"admin": "ey.J.x", "client": "ey.J.y"}"#).unwrap(), "ey.J.x");
    }

    #[test]
    fn a_file_without_an_administrators_token_is_named() {
        for content in ["", "\n", r#"{"client": "ey.J.y"}"#, "two words", "a\nb"] {
            assert!(read(content).unwrap_err().contains("no administrator's token in /"), "{content:?}");
        }
    }

    #[test]
    fn an_address_that_is_none_or_needs_tls_is_refused() {
        for url in ["127.0.0.1:8080", "https://example.org", "nowhere", ""] {
            let Err(refused) = Server::at(url, "token".to_owned()) else { panic!("{url} was taken") };
            assert!(refused.to_string().contains("http://127.0.0.1:8080"), "{refused}");
        }
    }

    #[test]
    fn the_address_of_the_banner_is_as_good_as_the_servers() {
        for url in ["http://[::1]:80", "http://[::1]:80/", "http://[::1]:80/graphql"] {
            assert_eq!(Server::at(url, "token".to_owned()).ok().unwrap().base, "http://[::1]:80");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let server = Server::at(&url, "token".to_owned()).ok().unwrap();
        let refused = server.rebuild(Name::JobBoard, "why").await.unwrap_err().to_string();
        assert!(refused.contains(&url) && !refused.contains("token"), "{refused}");
    }
}

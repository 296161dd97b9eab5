//! `rebuild NAME` or `--all`: folds a read model anew from the log and puts it in the place of the one that is there;
//! through the server that holds the store, if one does.

mod progress;
mod through;

use super::{StoreCode, read_models_code};
use crate::secrets::private_dir;
use crate::wire::{Failure, named};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args};
use eventstore::{EventStore, OpenError, SqliteStore};
use progress::Progress;
use projections::{Name, Position, ReadModels};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use through::Server;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["name", "all"])))]
pub(crate) struct RebuildOptions {
    /// The read model.
    #[arg(value_parser = read_model())]
    pub(crate) name: Option<Name>,
    /// Every read model, one after the other, up to the first that fails.
    #[arg(long)]
    pub(crate) all: bool,
    /// The folder of the embedded store. A server that is using it is asked to do the work.
    #[arg(long, env = "COUNTERFOIL_DATA", default_value = "./counterfoil-dev")]
    pub(crate) data: PathBuf,
    /// The server to ask, such as http://127.0.0.1:8080, whoever is using the folder.
    #[arg(long, env = "COUNTERFOIL_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
    /// A file with an administrator's token, or one such as `dev` writes; `tokens.json` in the folder without it.
    #[arg(long, env = "COUNTERFOIL_TOKEN_FILE", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// What the server's log says about why.
    #[arg(long, value_name = "TEXT", default_value = "asked for on the command line")]
    pub(crate) reason: String,
    /// Prints the outcome as one line of JSON per read model.
    #[arg(long)]
    pub(crate) json: bool,
}

impl RebuildOptions {
    fn names(&self) -> Vec<Name> {
        self.name.map_or_else(|| Name::ALL.to_vec(), |name| vec![name])
    }

    fn tell(&self, name: Name, position: Position) {
        if self.json {
            println!("{}", serde_json::json!({"rebuilt": name.as_str(), "position": position.get()}));
        } else {
            println!("{name} is rebuilt, up to position {position}");
        }
    }
}

/// Takes the name of a read model; any other is refused with all there are, and the one that may be meant.
fn read_model() -> impl TypedValueParser<Value = Name> {
    let names = PossibleValuesParser::new(Name::ALL.iter().map(|name| name.as_str()));
    names.try_map(|name| Name::parse(&name).ok_or("there is no such read model"))
}

pub(crate) async fn run(options: RebuildOptions) -> Result<ExitCode, Failure> {
    match way(&options)? {
        Way::Through(server) => {
            for name in options.names() {
                options.tell(name, server.rebuild(name, &options.reason).await?);
            }
        }
        Way::Here(store) => {
            let rebuilt = rebuild(store.clone(), &options).await;
            store.close().await;
            rebuilt?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Who does the work.
enum Way {
    /// This process, which holds the store.
    Here(Arc<SqliteStore>),
    /// The server that holds it.
    Through(Server),
}

fn way(options: &RebuildOptions) -> Result<Way, Failure> {
    if let Some(url) = &options.server {
        return Server::named(url, options).map(Way::Through);
    }
    // Looked at first, so that none is made where there is none.
    let found = SqliteStore::open_read_only(&options.data).map_err(|error| named(&error))?;
    let marketplace = found.marketplace().to_owned();
    drop(found);
    private_dir(&options.data)?;
    match SqliteStore::open(&options.data, &marketplace) {
        Ok(store) => Ok(Way::Here(Arc::new(store))),
        Err(OpenError::InUse { process, .. }) => {
            let server = Server::on(process, options);
            server.map(Way::Through).map_err(|why| in_use(&options.data, process, &why))
        }
        Err(error) => Err(named(&error)),
    }
}

/// The store is in use, and its server can't be asked because of `why`.
fn in_use(data: &Path, process: Option<u32>, why: &str) -> Failure {
    let (code, data) = (StoreCode::InUse.as_str(), data.display());
    let who = process.map_or_else(|| "another process".to_owned(), |id| format!("process {id}"));
    format!(
        "{code}: the store in {data} is in use by {who}, and {why}; if it is a server, ask it with --server URL \
         --token-file FILE, where the file holds an administrator's token; else stop it, and repeat this"
    )
    .into()
}

/// Rebuilds what is asked for on a store that nobody else writes.
async fn rebuild(store: Arc<SqliteStore>, options: &RebuildOptions) -> Result<(), Failure> {
    let read_models = ReadModels::open(&options.data.join("read.db"))
        .map_err(|error| format!("{}: {error}", read_models_code(&error)))?;
    let worker = read_models.start(store)?;
    let mut rebuilt = Ok(());
    for name in options.names() {
        let mut progress = Progress::of(name);
        let done = read_models.rebuild(name, |folded, head| progress.show(folded, head)).await;
        drop(progress);
        match done {
            Ok(position) => options.tell(name, position),
            Err(error) => {
                rebuilt = Err(format!("{name} was not rebuilt and is as it was: {error}").into());
                break;
            }
        }
    }
    worker.stop().await;
    rebuilt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node_file;
    use clap::Parser;
    use domain::id::PartyId;
    use domain::job::CreateJob;
    use domain::marketplace::PublishPolicy;
    use domain::policy::Policy;
    use domain::text::Text;
    use domain::{Actor, Command, Role};
    use engine::{Config, Engine, Entropy, IdempotencyKey, RequestSecret, SystemClock};
    use projections::{JobFilter, Page};
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use tempfile::TempDir;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: RebuildOptions,
    }

    fn parsed(name: &str) -> Result<RebuildOptions, clap::Error> {
        Line::try_parse_from(["rebuild", name]).map(|line| line.options)
    }

    async fn rebuilt(data: &Path) -> Result<ExitCode, String> {
        let data = data.to_str().unwrap();
        let options =
            Line::try_parse_from(["rebuild", "job_board", "--json", "--data", data]).unwrap().options;
        run(options).await.map_err(|failure| failure.to_string())
    }

    async fn submit(engine: &Engine, actor: Actor, command: impl Into<Command>) {
        let key = IdempotencyKey::parse("the-only-one").unwrap();
        engine.submit(actor, command.into(), &key).await.unwrap();
    }

    /// A store with one job, and no read models yet.
    async fn store_with_a_job() -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
        let store: Arc<dyn EventStore> = Arc::new(SqliteStore::open(dir.path(), "main").unwrap());
        let config = Config {
            clock: Arc::new(SystemClock),
            entropy: Entropy::system().unwrap(),
            request_secret: RequestSecret::new(&[7; 32]),
            cache_bytes: 1 << 20,
            rails: Vec::new(),
            due: engine::due::DueTable::in_memory().unwrap(),
        };
        let engine = Engine::start(store.clone(), config).await.unwrap();
        submit(&engine, Actor::System("test"), PublishPolicy { policy: Policy::default() }).await;
        let (title, description) = (Text::parse("Paint").unwrap(), Text::parse("The hall").unwrap());
        let client = Actor::Person { party: PartyId::from_u128(1), roles: vec![Role::Client] };
        submit(&engine, client, CreateJob { title, description, headcount: 1 }).await;
        engine.stop().await;
        store.close().await;
        dir
    }

    #[test]
    fn a_name_that_no_read_model_has_is_answered_with_all_of_them_and_a_likely_one() {
        for name in Name::ALL {
            assert_eq!(parsed(name.as_str()).unwrap().names(), [*name]);
        }
        let refused = parsed("job_bord").unwrap_err();
        let text = refused.to_string();
        assert!(Name::ALL.iter().all(|name| text.contains(name.as_str())), "{text}");
        assert!(text.contains("similar value exists: 'job_board'"), "{text}");
        assert_eq!(refused.exit_code(), 2);
    }

    #[test]
    fn either_one_read_model_is_named_or_all_are_meant() {
        assert_eq!(parsed("--all").unwrap().names(), Name::ALL);
        for line in [&["rebuild"][..], &["rebuild", "job_board", "--all"]] {
            assert_eq!(Line::try_parse_from(line).unwrap_err().exit_code(), 2, "{line:?}");
        }
    }

    #[tokio::test]
    async fn a_folder_without_a_store_is_named_and_left_empty() {
        let dir = tempfile::tempdir().unwrap();
        let refused = rebuilt(dir.path()).await.unwrap_err();
        assert!(refused.starts_with("STORE_ABSENT: "), "{refused}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_store_that_somebody_writes_is_left_alone_and_the_process_named() {
        let dir = store_with_a_job().await;
        let _writer = SqliteStore::open(dir.path(), "main").unwrap();
        let refused = rebuilt(dir.path()).await.unwrap_err();
        assert!(refused.starts_with("STORE_IN_USE: "), "{refused}");
        for part in
            [&format!("process {}", std::process::id()), "node.json", "--server URL --token-file FILE"]
        {
            assert!(refused.contains(part), "{refused}");
        }
        node_file::announce(dir.path(), "127.0.0.1:9".parse().unwrap());
        let refused = rebuilt(dir.path()).await.unwrap_err();
        for part in ["STORE_IN_USE: ", "the server at http://127.0.0.1:9", "tokens.json", "--token-file FILE"]
        {
            assert!(refused.contains(part), "{refused}");
        }
        assert!(!dir.path().join("read.db").exists());
    }

    #[tokio::test]
    async fn a_damaged_row_is_healed_and_nothing_else_is_left_in_the_folder() {
        let dir = store_with_a_job().await;
        let read_db = dir.path().join("read.db");
        rebuilt(dir.path()).await.unwrap();
        let all = || {
            let page = Page { first: 10, after: None };
            ReadModels::open(&read_db).unwrap().jobs(JobFilter::Client(PartyId::from_u128(1)), page).unwrap()
        };
        let (sound, names) = (all().rows, names(dir.path()));
        assert_eq!(sound.len(), 1);
        let damage = "update job_board set headcount = 9";
        rusqlite::Connection::open(&read_db).unwrap().execute_batch(damage).unwrap();
        assert_ne!(all().rows, sound);
        rebuilt(dir.path()).await.unwrap();
        assert_eq!((all().rows, self::names(dir.path())), (sound, names));
    }

    fn names(dir: &Path) -> Vec<std::ffi::OsString> {
        let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_file_that_is_no_read_models_is_named_and_the_store_can_be_opened_again() {
        let dir = store_with_a_job().await;
        fs::write(dir.path().join("read.db"), "my notes").unwrap();
        let refused = rebuilt(dir.path()).await.unwrap_err();
        assert!(refused.starts_with("READ_MODELS_UNUSABLE: "), "{refused}");
        assert!(SqliteStore::open(dir.path(), "main").is_ok());
    }
}

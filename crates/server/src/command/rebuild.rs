//! `rebuild NAME`: folds one read model anew from the log and puts it in the place of the one that is there.

use super::read_models_code;
use crate::wire::{Failure, named, open_store};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use domain::id::MarketplaceId;
use eventstore::{EventStore, SqliteStore};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use projections::{Name, Position, ReadModels};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long it takes until progress is worth a bar.
const BAR_AFTER: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(crate) struct RebuildOptions {
    /// The read model.
    #[arg(value_parser = read_model())]
    pub(crate) name: Name,
    /// The folder of the embedded store, which no server may be using.
    #[arg(long, env = "COUNTERFOIL_DATA", default_value = "./counterfoil-dev")]
    pub(crate) data: PathBuf,
    /// Prints the outcome as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Takes the name of a read model; any other is refused with all there are, and the one that may be meant.
fn read_model() -> impl TypedValueParser<Value = Name> {
    let names = PossibleValuesParser::new(Name::ALL.iter().map(|name| name.as_str()));
    names.try_map(|name| Name::parse(&name).ok_or("there is no such read model"))
}

pub(crate) async fn run(options: RebuildOptions) -> Result<ExitCode, Failure> {
    let store = Arc::new(open(&options.data)?);
    let rebuilt = rebuild(store.clone(), &options.data, options.name).await;
    store.close().await;
    let (name, position) = (options.name, rebuilt?);
    if options.json {
        println!("{}", serde_json::json!({"rebuilt": name.as_str(), "position": position.get()}));
    } else {
        println!("{name} is rebuilt, up to position {position}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the store that is there for writing, since only one process may write the read models beside it.
fn open(data: &Path) -> Result<SqliteStore, Failure> {
    // Looked at first, so that none is made where there is none.
    let found = SqliteStore::open_read_only(data).map_err(|error| named(&error))?;
    let marketplace = MarketplaceId::parse(found.marketplace())?;
    drop(found);
    open_store(data, &marketplace)
}

async fn rebuild(store: Arc<SqliteStore>, data: &Path, name: Name) -> Result<Position, Failure> {
    let read_models = ReadModels::open(&data.join("read.db"))
        .map_err(|error| format!("{}: {error}", read_models_code(&error)))?;
    let worker = read_models.start(store)?;
    let (bar, begun) = (bar(), Instant::now());
    let rebuilt = read_models.rebuild(name, |folded, head| {
        if bar.is_hidden() && begun.elapsed() >= BAR_AFTER {
            // Stays hidden where standard error is no terminal.
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_length(head.get());
        bar.set_position(folded.get());
    });
    let rebuilt = rebuilt.await;
    bar.finish_and_clear();
    worker.stop().await;
    rebuilt.map_err(|error| format!("{name} was not rebuilt and is as it was: {error}").into())
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {eta} left") {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let options = RebuildOptions { name: Name::JobBoard, data: data.to_owned(), json: true };
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
            assert_eq!(parsed(name.as_str()).unwrap().name, *name);
        }
        let refused = parsed("job_bord").unwrap_err();
        let text = refused.to_string();
        assert!(Name::ALL.iter().all(|name| text.contains(name.as_str())), "{text}");
        assert!(text.contains("similar value exists: 'job_board'"), "{text}");
        assert_eq!(refused.exit_code(), 2);
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
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
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

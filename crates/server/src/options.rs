//! The command line. A flag goes before its `COUNTERFOIL_…` variable, which goes before the default.

use audit::as_of::{AsOf, Day};
use audit::export::{AccountFilter, Format};
use clap::{Args, Parser, Subcommand as ClapSubcommand, ValueEnum};
use domain::Timestamp;
use domain::id::{ContractId, PartyId};
use domain::ledger::Book;
use domain::money::Currency;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The transaction engine of a talent marketplace.
#[derive(Debug, Parser)]
#[command(name = "counterfoil", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Subcommand,
}

#[derive(Debug, ClapSubcommand)]
pub(crate) enum Subcommand {
    /// Everything in one process on loopback, with an embedded store and tokens of its own.
    Dev(DevOptions),
    /// Production: refuses absent secrets and unsafe settings.
    Serve(ServeOptions),
    /// Re-reads the whole log and proves it: hashes, indexes, entries, balances. Exit code 0 if all holds, 1 if
    /// something was altered, 2 if the check couldn't be made.
    Verify(VerifyOptions),
    /// Shows a contract, an account or the ledger as of any moment, the facts that led there, and what changed between
    /// two moments.
    Replay(ReplayOptions),
    /// Writes the books, or the log itself, for other tools. The same log gives the same bytes.
    Export(ExportOptions),
    /// Folds a read model anew from the log and puts it in the place of the one that is there, through the server if one
    /// is running. Exit code 2 if it could not, and then the read model is as it was.
    Rebuild(crate::command::rebuild::RebuildOptions),
    /// What happens by itself next, when, why and for whom; and what is overdue.
    Timers(TimersOptions),
    /// Prints a token signed by the key of `dev`.
    Token(TokenOptions),
    /// A marketplace's policy: the default one, and whether a file holds one.
    Policy(PolicyOptions),
    /// What the code defines and others read: the GraphQL schema, the events, lifecycles, permissions.
    Schema(SchemaOptions),
    /// Measures this machine and this build, beside plain durable writes.
    Bench(BenchOptions),
}

/// Where the store is, and whose.
#[derive(Clone, Debug, Args)]
pub(crate) struct StoreOptions {
    /// The folder of the embedded store.
    #[arg(long, env = "COUNTERFOIL_DATA", default_value = "./counterfoil-dev")]
    pub(crate) data: PathBuf,
    /// The marketplace whose log it is.
    #[arg(long, env = "COUNTERFOIL_MARKETPLACE", default_value = "main")]
    pub(crate) marketplace: String,
}

#[derive(Debug, Args)]
pub(crate) struct DevOptions {
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    /// Where to listen; port 0 picks a free one.
    #[arg(long, env = "COUNTERFOIL_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A file with the policy. One that differs from the policy in force is published as its next version, after the
    /// demo if there is one.
    #[arg(long, env = "COUNTERFOIL_POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// Fills a new store with ninety days of jobs, contracts and money, by real commands.
    #[arg(long)]
    pub(crate) demo: bool,
    /// The seed of the demo: the same one makes the same log.
    #[arg(long, default_value_t = 1, requires = "demo")]
    pub(crate) seed: u64,
    /// When the marketplace's clock starts, for a new store; with --demo, when its ninety days begin. From the past it
    /// runs until it has caught up with now.
    #[arg(long, value_parser = instant)]
    pub(crate) clock_start: Option<Timestamp>,
    /// How many seconds pass for the marketplace in one; 0 for a clock that stands still until somebody puts it forward
    /// by POST /dev/clock. A store whose log is ahead of now goes on from its last instant.
    #[arg(long)]
    pub(crate) clock_speed: Option<u32>,
    /// Prints the banner as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// The folder of the embedded store. Production has no default one.
    #[arg(long, env = "COUNTERFOIL_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The marketplace whose log it is.
    #[arg(long, env = "COUNTERFOIL_MARKETPLACE", default_value = "main")]
    pub(crate) marketplace: String,
    /// Where to listen; port 0 picks a free one.
    #[arg(long, env = "COUNTERFOIL_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A file with the policy. One that differs from the policy in force is published as its next version.
    #[arg(long, env = "COUNTERFOIL_POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// The issuer that tokens must name.
    #[arg(long, env = "COUNTERFOIL_ISSUER")]
    pub(crate) issuer: Option<String>,
    /// The audience that tokens must name.
    #[arg(long, env = "COUNTERFOIL_AUDIENCE", default_value = "counterfoil")]
    pub(crate) audience: String,
    /// A file with the issuer's keys (JWKS; RS256 and EdDSA).
    #[arg(long, env = "COUNTERFOIL_JWKS_FILE")]
    pub(crate) jwks_file: Option<PathBuf>,
    /// A subject that is a party's id (`pty_…`) stands for that party. Only for an issuer of your own whose subjects
    /// nobody can choose; otherwise every subject is a party derived from it.
    #[arg(long, env = "COUNTERFOIL_SUBJECTS_ARE_PARTIES")]
    pub(crate) subjects_are_parties: bool,
    /// A file with the secret of the requests' HMACs: 64 hexadecimal digits. Must stay the same for the log's life.
    #[arg(long, env = "COUNTERFOIL_REQUEST_SECRET_FILE")]
    pub(crate) request_secret_file: Option<PathBuf>,
    /// The rail that takes deposits. `sandbox` moves no real money.
    #[arg(long, env = "COUNTERFOIL_RAIL", value_parser = ["sandbox"])]
    pub(crate) rail: Option<String>,
    /// A file with the secret of the rail's webhooks: 64 hexadecimal digits.
    #[arg(long, env = "COUNTERFOIL_WEBHOOK_SECRET_FILE")]
    pub(crate) webhook_secret_file: Option<PathBuf>,
    /// Prints the banner as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TimersOptions {
    /// The folder of the embedded store; a running server isn't disturbed.
    #[arg(long, env = "COUNTERFOIL_DATA", default_value = "./counterfoil-dev")]
    pub(crate) data: PathBuf,
    /// Only what is due until this instant.
    #[arg(long, value_parser = instant)]
    pub(crate) before: Option<Timestamp>,
    /// Only what concerns this party, `pty_…`.
    #[arg(long)]
    pub(crate) party: Option<PartyId>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = some)]
    pub(crate) limit: usize,
    /// Prints one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reads a number of rows, of which there must be some to see.
fn some(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|rows| *rows > 0).ok_or_else(|| "expected a number from 1 on".to_owned())
}

/// Reads an instant.
fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "expected an instant such as 2026-01-31T12:00:00Z".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    /// The folder of the embedded store; a running server isn't disturbed.
    #[arg(long, env = "COUNTERFOIL_DATA", default_value = "./counterfoil-dev")]
    pub(crate) data: PathBuf,
    /// Prints the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayOptions {
    #[command(subcommand)]
    pub(crate) subject: ReplaySubject,
}

#[derive(Debug, ClapSubcommand)]
pub(crate) enum ReplaySubject {
    /// A contract with its milestones and their money.
    Contract {
        /// The contract, `ctr_…`.
        id: ContractId,
        #[command(flatten)]
        view: ReplayView,
    },
    /// A party's money in one currency.
    Account {
        /// The party, `pty_…`.
        party: PartyId,
        /// The currency, such as USD. Needed only if the party has had money in several.
        #[arg(long, value_parser = Currency::parse)]
        currency: Option<Currency>,
        #[command(flatten)]
        view: ReplayView,
    },
    /// The marketplace's books: the trial balance, or each entry.
    Ledger {
        #[command(flatten)]
        view: ReplayView,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ReplayView {
    /// The folder of the embedded store; a running server isn't disturbed.
    #[arg(long, env = "COUNTERFOIL_DATA", default_value = "./counterfoil-dev")]
    pub(crate) data: PathBuf,
    /// A position in the log, or an instant (RFC 3339), which means the last event recorded at or before it. The newest
    /// without it.
    #[arg(long, value_name = "POSITION|INSTANT")]
    pub(crate) as_of: Option<AsOf>,
    /// Counts only money that took effect on this date or before it.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) effective_on: Option<Day>,
    /// Steps through: every fact in order, with the balances after it.
    #[arg(long)]
    pub(crate) follow: bool,
    /// What changed from one position or instant to a later one.
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with_all = ["as_of", "follow"])]
    pub(crate) diff: Option<Vec<AsOf>>,
    /// Prints one JSON object; with --follow, one per line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Writes to this file instead of standard output.
    #[arg(long)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// The folder of the embedded store; a running server isn't disturbed.
    #[arg(long, env = "COUNTERFOIL_DATA", default_value = "./counterfoil-dev")]
    pub(crate) data: PathBuf,
    /// A journal of the books for one of three tools, one line per posting, or the log with one event per line.
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
    /// The first position, or the instant (RFC 3339) at or after which events were recorded.
    #[arg(long, value_name = "POSITION|INSTANT")]
    pub(crate) from: Option<AsOf>,
    /// The last position, or the instant (RFC 3339) at or before which events were recorded.
    #[arg(long, value_name = "POSITION|INSTANT")]
    pub(crate) to: Option<AsOf>,
    /// Only this book.
    #[arg(long, value_enum)]
    pub(crate) book: Option<ExportBook>,
    /// Only this row of the chart, such as 2110, or one account. Journals keep whole transactions.
    #[arg(long, value_name = "CODE")]
    pub(crate) account: Option<AccountFilter>,
    /// Only money of this party and of its contracts. Journals keep whole transactions.
    #[arg(long, value_name = "pty_…")]
    pub(crate) party: Option<PartyId>,
    /// Writes to this file instead of standard output.
    #[arg(long)]
    pub(crate) output: Option<PathBuf>,
}

/// [`Format`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExportFormat {
    Hledger,
    Ledger,
    Beancount,
    Csv,
    Jsonl,
}

impl From<ExportFormat> for Format {
    fn from(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Hledger => Self::Hledger,
            ExportFormat::Ledger => Self::Ledger,
            ExportFormat::Beancount => Self::Beancount,
            ExportFormat::Csv => Self::Csv,
            ExportFormat::Jsonl => Self::Jsonl,
        }
    }
}

/// [`Book`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExportBook {
    Trust,
    Corporate,
}

impl From<ExportBook> for Book {
    fn from(book: ExportBook) -> Self {
        match book {
            ExportBook::Trust => Self::Trust,
            ExportBook::Corporate => Self::Corporate,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct TokenOptions {
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    /// The roles, such as `client` or `client,talent`.
    #[arg(long, required = true, value_delimiter = ',')]
    pub(crate) role: Vec<String>,
    /// Who: any name, or a party's id. The same name is the same party.
    #[arg(long)]
    pub(crate) subject: String,
    /// Days until it expires.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub(crate) days: u32,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyOptions {
    #[command(subcommand)]
    pub(crate) action: PolicyAction,
}

#[derive(Debug, ClapSubcommand)]
pub(crate) enum PolicyAction {
    /// Prints the default policy, each key with what it means: a file to begin with.
    Print,
    /// Says what is wrong with a file, or where its policy differs from the default. Exit code 0 if it is a policy, 1 if
    /// it isn't, 2 if it couldn't be read.
    Check {
        /// The file, TOML.
        file: PathBuf,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SchemaOptions {
    #[command(subcommand)]
    pub(crate) action: SchemaAction,
}

#[derive(Debug, ClapSubcommand)]
pub(crate) enum SchemaAction {
    /// Prints the GraphQL schema in SDL.
    Print,
    /// Writes everything that the code defines for others to read: the GraphQL schema, the events' JSON schemas, the
    /// machines' diagrams, and who may do what.
    Write {
        /// The folder to write into, made if it isn't there.
        directory: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BenchOptions {
    /// Seconds per figure.
    #[arg(long, default_value_t = 3.0)]
    pub(crate) seconds: f64,
    /// Where to make the files that are measured; its disk is what is measured.
    #[arg(long)]
    pub(crate) scratch: Option<PathBuf>,
    /// Only figures whose name has this in it.
    #[arg(long)]
    pub(crate) only: Option<String>,
    /// Prints the figures as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

//! The canonical record is what `docs/log-format.md` says, byte for byte, and has exactly one encoding.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use eventstore::{
    ACTOR_BYTES_MAX, BATCH_BYTES_MAX, CONSUMER_BYTES_MAX, CommandKey, EVENT_TYPE_BYTES_MAX,
    EVENTS_PER_BATCH_MAX, Header, MARKETPLACE_BYTES_MAX, MEMBERSHIPS_MAX, Membership, PAYLOAD_BYTES_MAX,
    Position, Record, RecordError, RequestMac, STREAM_BYTES_MAX,
};
use proptest::{collection::vec, prelude::*};
use testkit::records::{Event, View};

const DOCUMENT: &str = include_str!("../../docs/log-format.md");
const SCHEMA: &str = include_str!("../../crates/eventstore/src/sqlite/schema.sql");

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// The text of each block fenced as "```text NAME".
fn blocks() -> BTreeMap<&'static str, &'static str> {
    let fenced = DOCUMENT.split("\n```").skip(1).step_by(2);
    fenced.filter_map(|block| block.strip_prefix("text ")?.split_once('\n')).collect()
}

/// A golden example: the header and payload by their names, the bytes and the leaf.
struct Golden {
    header: Header,
    payload: Vec<u8>,
    bytes: Vec<u8>,
    leaf: Vec<u8>,
}

impl Golden {
    fn read(fields: &str, bytes: &str) -> Self {
        let lines = fields.lines().map(|line| line.split_once(" = ").unwrap());
        let memberships = lines.clone().filter(|(name, _)| *name == "membership").map(|(_, text)| {
            let (stream, revision) = text.rsplit_once(' ').unwrap();
            Membership { stream: Arc::from(stream), revision: revision.parse().unwrap() }
        });
        let fields: BTreeMap<_, _> = lines.clone().collect();
        let uuid = |name: &str| unhex(fields[name]).try_into().map(uuid::Uuid::from_bytes).unwrap();
        let header = Header {
            marketplace: Arc::from(fields["marketplace"]),
            position: Position::new(fields["position"].parse().unwrap()),
            event_id: uuid("event id"),
            event_type: Cow::Owned(fields["event type"].to_owned()),
            schema_version: fields["schema version"].parse().unwrap(),
            recorded_at: fields["recorded instant"].parse().unwrap(),
            effective_at: fields["effective instant"].parse().unwrap(),
            command_key: CommandKey::from_bytes(unhex(fields["command key"]).try_into().unwrap()),
            request_mac: RequestMac::from_bytes(unhex(fields["request mac"]).try_into().unwrap()),
            actor: Arc::from(fields["actor"]),
            correlation: uuid("correlation"),
            causation: (fields["causation"] != "none").then(|| uuid("causation")),
            memberships: memberships.collect(),
        };
        let bytes = bytes.lines().flat_map(|line| unhex(line.split_once(" | ").unwrap().0)).collect();
        Self { header, payload: fields["payload"].as_bytes().to_vec(), bytes, leaf: unhex(fields["leaf"]) }
    }

    fn all() -> Vec<Self> {
        let blocks = blocks();
        ["smallest", "larger"]
            .map(|name| Self::read(blocks[name], blocks[format!("{name}-bytes").as_str()]))
            .into()
    }
}

#[test]
fn the_documented_records_are_the_records_written() {
    for golden in Golden::all() {
        let record = Record::seal(golden.header.clone(), &golden.payload);
        assert_eq!(record.bytes(), golden.bytes);
        assert_eq!(record.leaf().as_bytes()[..], golden.leaf);
        let decoded = Record::decode(golden.bytes).unwrap();
        assert_eq!(decoded.header(), &golden.header);
        assert_eq!(decoded.payload(), golden.payload);
        assert_eq!(decoded.leaf(), record.leaf());
    }
}

#[test]
fn the_documented_schema_is_the_schema() {
    assert!(DOCUMENT.contains(&format!("```sql\n{SCHEMA}```")), "docs/log-format.md shows another schema");
}

#[test]
fn the_documented_limits_are_the_limits() {
    for (name, value) in [
        ("MARKETPLACE_BYTES_MAX", MARKETPLACE_BYTES_MAX),
        ("EVENT_TYPE_BYTES_MAX", EVENT_TYPE_BYTES_MAX),
        ("ACTOR_BYTES_MAX", ACTOR_BYTES_MAX),
        ("STREAM_BYTES_MAX", STREAM_BYTES_MAX),
        ("MEMBERSHIPS_MAX", MEMBERSHIPS_MAX),
        ("PAYLOAD_BYTES_MAX", PAYLOAD_BYTES_MAX),
        ("CONSUMER_BYTES_MAX", CONSUMER_BYTES_MAX),
        ("EVENTS_PER_BATCH_MAX", EVENTS_PER_BATCH_MAX),
        ("BATCH_BYTES_MAX", BATCH_BYTES_MAX),
    ] {
        assert!(DOCUMENT.contains(&format!("| `{name}` | {value} |")), "{name} is {value}");
    }
}

fn text(max: usize) -> impl Strategy<Value = String> {
    "\\PC{1,20}".prop_filter("too long", move |text| (1..=max).contains(&text.len()))
}

fn header() -> impl Strategy<Value = Header> {
    let names = (text(MARKETPLACE_BYTES_MAX), text(EVENT_TYPE_BYTES_MAX), text(ACTOR_BYTES_MAX));
    let numbers = (1..=Position::LAST.get(), any::<u16>(), any::<i64>(), any::<i64>());
    let identities =
        (any::<u128>(), any::<u128>(), any::<Option<u128>>(), any::<[u8; 32]>(), any::<[u8; 32]>());
    let memberships = proptest::collection::btree_map(text(STREAM_BYTES_MAX), 1..=Position::LAST.get(), 1..8);
    (names, numbers, identities, memberships).prop_map(|(names, numbers, identities, memberships)| Header {
        marketplace: names.0.into(),
        position: Position::new(numbers.0),
        event_id: uuid::Uuid::from_u128(identities.0),
        event_type: names.1.into(),
        schema_version: numbers.1,
        recorded_at: numbers.2,
        effective_at: numbers.3,
        command_key: CommandKey::from_bytes(identities.3),
        request_mac: RequestMac::from_bytes(identities.4),
        actor: names.2.into(),
        correlation: uuid::Uuid::from_u128(identities.1),
        causation: identities.2.map(uuid::Uuid::from_u128),
        memberships: memberships
            .into_iter()
            .map(|(stream, revision)| Membership { stream: stream.into(), revision })
            .collect(),
    })
}

proptest! {
    #[test]
    fn a_record_decodes_to_what_was_sealed(header in header(), payload in vec(any::<u8>(), 0..200)) {
        let sealed = Record::seal(header.clone(), &payload);
        prop_assert_eq!(sealed.check(), Ok(()));
        let decoded = Record::decode(sealed.bytes()).unwrap();
        prop_assert_eq!(decoded.header(), &header);
        prop_assert_eq!(decoded.payload(), &payload[..]);
        prop_assert_eq!(decoded.bytes(), sealed.bytes());
        prop_assert_eq!(decoded.leaf(), sealed.leaf());
    }

    #[test]
    fn whatever_decodes_is_its_own_encoding(
        header in header(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let sealed = Record::seal(header, b"{}");
        let mut bytes = sealed.bytes().to_vec();
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Ok(decoded) = Record::decode(bytes.clone()) {
            prop_assert_eq!(decoded.check(), Ok(()));
            let resealed = Record::seal(decoded.header().clone(), decoded.payload());
            prop_assert_eq!(resealed.bytes(), &bytes[..]);
            prop_assert_eq!(resealed.leaf() == sealed.leaf(), resealed.bytes() == sealed.bytes());
        }
    }

    #[test]
    fn any_bytes_at_all_are_decoded_or_refused(bytes in vec(any::<u8>(), 0..400)) {
        let _ = Record::decode(bytes);
    }
}

fn sample() -> Record {
    Record::clone(&View::default().batch(&[Event::new(1, &["order", "invoice"])]).records()[0])
}

#[test]
fn a_record_that_ends_early_is_refused() {
    let bytes = sample().bytes().to_vec();
    for length in 0..bytes.len() {
        let refused = Record::decode(&bytes[..length]).unwrap_err();
        assert!(matches!(refused, RecordError::Truncated { .. }), "{length}: {refused}");
    }
}

#[test]
fn bytes_after_a_record_are_refused() {
    let longer = [sample().bytes(), b"\n"].concat();
    assert_eq!(Record::decode(longer).unwrap_err(), RecordError::TrailingBytes { count: 1 });
}

#[test]
fn another_format_is_refused() {
    let mut bytes = sample().bytes().to_vec();
    bytes[0] = 2;
    assert_eq!(Record::decode(bytes).unwrap_err(), RecordError::UnknownFormat { found: 2 });
}

#[test]
fn an_enormous_length_is_refused_before_it_is_believed() {
    let mut bytes = sample().bytes().to_vec();
    bytes[1..5].copy_from_slice(&u32::MAX.to_be_bytes());
    let refused = Record::decode(bytes).unwrap_err();
    assert!(matches!(refused, RecordError::OutOfBounds { field: "marketplace", .. }), "{refused}");
}

/// What is said of a record whose header was changed by `edit`: the same when it is checked as when it is decoded.
fn refusal(edit: impl Fn(&mut Header)) -> RecordError {
    let mut header = sample().header().clone();
    edit(&mut header);
    let record = Record::seal(header, b"{}");
    let refused = record.check().unwrap_err();
    assert_eq!(Record::decode(record.bytes()).unwrap_err(), refused);
    refused
}

#[test]
fn a_field_beyond_its_limit_is_refused_when_written_and_when_read() {
    let long = |length: usize| Arc::<str>::from("x".repeat(length + 1));
    let membership = |stream: &str, revision| Membership { stream: Arc::from(stream), revision };
    let many: Vec<_> = (0..=MEMBERSHIPS_MAX).map(|number| membership(&number.to_string(), 1)).collect();
    let fields = [
        refusal(|header| header.marketplace = long(MARKETPLACE_BYTES_MAX)),
        refusal(|header| header.marketplace = Arc::from("")),
        refusal(|header| header.position = Position::START),
        refusal(|header| header.position = Position::new(u64::MAX)),
        refusal(|header| header.event_type = long(EVENT_TYPE_BYTES_MAX).to_string().into()),
        refusal(|header| header.actor = long(ACTOR_BYTES_MAX)),
        refusal(|header| header.memberships = Vec::new()),
        refusal(|header| header.memberships.clone_from(&many)),
        refusal(|header| header.memberships[0].stream = long(STREAM_BYTES_MAX)),
        refusal(|header| header.memberships[0].revision = 0),
    ]
    .map(|refused| match refused {
        RecordError::OutOfBounds { field, .. } => field,
        other => panic!("{other}"),
    });
    let expected = [
        "marketplace",
        "marketplace",
        "position",
        "position",
        "event type",
        "actor",
        "memberships",
        "memberships",
        "stream",
        "revision",
    ];
    assert_eq!(fields, expected);
    let twice = refusal(|header| header.memberships[1].stream = Arc::clone(&header.memberships[0].stream));
    assert_eq!(twice, RecordError::RepeatedStream { stream: Arc::from("order") });
}

#[test]
fn a_payload_has_a_limit_too() {
    let largest = vec![0; PAYLOAD_BYTES_MAX];
    let record = Record::seal(sample().header().clone(), &largest);
    assert_eq!(record.check(), Ok(()));
    assert_eq!(Record::decode(record.bytes()).unwrap().payload().len(), PAYLOAD_BYTES_MAX);
    let larger = Record::seal(sample().header().clone(), &vec![0; PAYLOAD_BYTES_MAX + 1]);
    assert!(matches!(larger.check(), Err(RecordError::OutOfBounds { field: "payload", .. })));
    assert!(Record::decode(larger.bytes()).is_err());
}

#[test]
fn a_text_must_be_text() {
    let record = sample();
    let mut bytes = record.bytes().to_vec();
    bytes[5] = 0xff;
    assert_eq!(Record::decode(bytes).unwrap_err(), RecordError::NotUtf8 { field: "marketplace" });
}

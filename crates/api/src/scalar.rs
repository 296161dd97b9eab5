//! Scalars: ids, positions, instants, hashes, cursors. Text becomes a type here, and beyond here only the type exists.

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use audit::as_of::{Day, DayMalformed};
use domain::id::TypedId;
use domain::money::Currency;
use domain::proposal::TermsHash;
use domain::{Code, Refusal, Timestamp};

/// A malformed scalar, told with the code of the refusal that it would be as a command's field.
fn malformed<T: InputType>(refusal: &Refusal) -> InputValueError<T> {
    InputValueError::custom(&refusal.message).with_extension("code", refusal.code.as_str())
}

fn text<T: InputType>(value: &Value) -> Result<&str, InputValueError<T>> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(InputValueError::expected_type(other.clone())),
    }
}

macro_rules! id_scalars {
    ($($(#[doc = $doc:literal])* $name:ident = $inner:ty;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub $inner);

        $(#[doc = $doc])*
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                <$inner>::parse(text(&value)?).map(Self).map_err(|refusal| malformed(&refusal))
            }
            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }
    )*};
}

id_scalars! {
    /// A party's id, such as `pty_01h455vb4pex5vsknk084sn02q`.
    PartyId = domain::id::PartyId;
    /// A job's id, such as `job_01h455vb4pex5vsknk084sn02q`.
    JobId = domain::id::JobId;
    /// A proposal's id, such as `prp_01h455vb4pex5vsknk084sn02q`.
    ProposalId = domain::id::ProposalId;
    /// A contract's id, such as `ctr_01h455vb4pex5vsknk084sn02q`.
    ContractId = domain::id::ContractId;
    /// A milestone's id, such as `mil_01h455vb4pex5vsknk084sn02q`.
    MilestoneId = domain::id::MilestoneId;
    /// The id of a lot of earnings, such as `lot_01h455vb4pex5vsknk084sn02q`.
    LotId = domain::id::LotId;
    /// A payout's id, such as `pyo_01h455vb4pex5vsknk084sn02q`.
    PayoutId = domain::id::PayoutId;
    /// A dispute's id, such as `dsp_01h455vb4pex5vsknk084sn02q`.
    DisputeId = domain::id::DisputeId;
    /// SHA-256 in lower-case hexadecimal.
    Sha256 = TermsHash;
}

/// An instant in UTC with microseconds, RFC 3339, such as `2026-11-14T22:13:20.000001Z`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DateTime(pub Timestamp);

/// An instant in UTC with microseconds, RFC 3339, such as `2026-11-14T22:13:20.000001Z`.
#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        Timestamp::parse(text(&value)?)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("expected an instant such as 2026-11-14T22:13:20Z"))
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A calendar day in UTC, such as `2026-03-31`: the accounting date of what took effect on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date(pub Day);

/// A calendar day in UTC, such as `2026-03-31`: the accounting date of what took effect on it.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(&value)?.parse().map(Self).map_err(|malformed: DayMalformed| InputValueError::custom(malformed))
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A position in the log: a whole number, counted from 1. A payload says where its events stand; a read that is given
/// the position waits until it has seen them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position(pub engine::Position);

/// A position in the log: a whole number, counted from 1. A payload says where its events stand; a read that is given
/// the position waits until it has seen them.
#[Scalar]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number: Option<i128> = match &value {
            Value::Number(number) => number.as_u64().map(i128::from).or(number.as_i64().map(i128::from)),
            // Literals of clients that keep large integers as text.
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let Some(number) = number else {
            return Err(InputValueError::custom("expected a whole number of 0 or more"));
        };
        let position = u64::try_from(number).map(|number| Self(engine::Position::new(number)));
        position.map_err(|_| {
            let bounds = format!("expected a whole number from 0 to {}", u64::MAX);
            malformed(&Refusal::new(Code::CountOutOfRange, bounds))
        })
    }
    fn to_value(&self) -> Value {
        Value::Number(self.0.get().into())
    }
}

/// Minor units of a currency, such as cents: a JSON number that may exceed 32 bits. One amount stays below 2⁵³; a sum
/// of many, such as a trial balance, may exceed it: where that matters, use `amount`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MinorUnits(pub i64);

/// Minor units of a currency, such as cents: a JSON number that may exceed 32 bits. One amount stays below 2⁵³; a sum
/// of many, such as a trial balance, may exceed it: where that matters, use `amount`.
#[Scalar]
impl ScalarType for MinorUnits {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => {
                number.as_i64().map(Self).ok_or_else(|| InputValueError::expected_type(value))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }
    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// An ISO 4217 code, such as `USD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CurrencyCode(pub String);

impl CurrencyCode {
    /// The currency, if there is one.
    pub(crate) fn read(&self) -> Result<Currency, Refusal> {
        Currency::parse(&self.0)
    }
}

/// An ISO 4217 code, such as `USD`.
#[Scalar]
impl ScalarType for CurrencyCode {
    // Whether the currency exists is told beside the amount's other faults, as a user error.
    fn parse(value: Value) -> InputValueResult<Self> {
        text(&value).map(|code| Self(code.to_owned()))
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Where a page ends: opaque, only good for the connection that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor(pub String);

const CURSOR_BYTES_MAX: usize = 256;

/// Where a page ends: opaque, only good for the connection that gave it.
#[Scalar]
impl ScalarType for Cursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        use base64::Engine as _;
        let cursor = text(&value)?;
        let key = (cursor.len() <= CURSOR_BYTES_MAX)
            .then(|| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cursor).ok())
            .flatten()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        key.map(Self).ok_or_else(|| {
            malformed(&Refusal::new(Code::IdMalformed, "expected a cursor that this API gave"))
        })
    }
    fn to_value(&self) -> Value {
        use base64::Engine as _;
        Value::String(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: ScalarType>(value: impl Into<Value>) -> Option<T> {
        <T as ScalarType>::parse(value.into()).ok()
    }

    #[test]
    fn cursors_read_back_and_foreign_ones_are_refused() {
        let cursor = Cursor("job_1".to_owned());
        assert_eq!(read(ScalarType::to_value(&cursor)), Some(cursor));
        assert_eq!(read::<Cursor>("*"), None);
    }

    #[test]
    fn positions_are_whole_numbers() {
        assert_eq!(read(7), Some(Position(engine::Position::new(7))));
        assert_eq!(read("7"), Some(Position(engine::Position::new(7))));
        assert_eq!(read::<Position>(-7), None);
        assert_eq!(read::<Position>("seven"), None);
    }
}

//! The walk through a file beside the default policy, whose keys and forms it must have.

use super::{Mistake, difference, is_money, line_at};
use domain::money::Money;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Keys that are less alike than this are no slip of the pen.
const LIKENESS: f64 = 0.7;

/// How a file writes an amount of money.
const MONEY: &str = r#"{ amount = "10.00", currency = "USD" }"#;

/// A file on its way to a policy.
pub(super) struct Reading<'a> {
    text: &'a str,
    /// The line of each key that the file has.
    lines: BTreeMap<String, usize>,
    mistakes: Vec<Mistake>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, lines: BTreeMap::new(), mistakes: Vec::new() }
    }

    /// The file as the JSON that a policy is read from.
    ///
    /// # Errors
    /// Every key that is unknown, absent or of another form.
    pub(super) fn document(
        &mut self,
        document: &Spanned<DeTable<'_>>,
        expected: &Value,
    ) -> Result<Value, Vec<Mistake>> {
        let none = Map::new();
        let read = self.table("", (1, document.get_ref()), expected.as_object().unwrap_or(&none));
        if self.mistakes.is_empty() {
            return Ok(Value::Object(read));
        }
        let mut mistakes = std::mem::take(&mut self.mistakes);
        mistakes.sort_by_key(|mistake| mistake.line);
        Err(mistakes)
    }

    /// A mistake that only the policy itself can see, in the key or the nearest table around it that the file has.
    pub(super) fn refused(&self, key: &str, what: String, expected: &Value) -> Mistake {
        let plain = key.split('[').next().unwrap_or(key);
        let mut around =
            std::iter::successors(Some(plain), |key| key.rsplit_once('.').map(|(table, _)| table));
        let line = around.find_map(|key| self.lines.get(key)).copied().unwrap_or(1);
        let usual = expected.pointer(&format!("/{}", plain.replace('.', "/")));
        let remedy = usual.map_or("compare it with the default policy".to_owned(), |usual| {
            format!("the default is {}", difference::shown(usual))
        });
        Mistake { line, key: key.to_owned(), what, remedy }
    }

    fn table(
        &mut self,
        path: &str,
        (line, found): (usize, &DeTable<'_>),
        expected: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut read = Map::new();
        for (key, value) in found {
            let line = line_at(self.text, key.span().start);
            let name = joined(path, key.get_ref());
            self.lines.insert(name.clone(), line);
            let Some(expected_value) = expected.get(&**key.get_ref()) else {
                let remedy = meant(path, key.get_ref(), expected);
                self.mistake(line, &name, "there is no such key", remedy);
                continue;
            };
            let value = self.value(&name, (line, value.get_ref()), expected_value);
            read.insert(key.get_ref().to_string(), value);
        }
        // What may be absent is absent from the default policy, or null in it.
        for (key, usual) in expected.iter().filter(|(_, usual)| !usual.is_null()) {
            if !found.contains_key(key.as_str()) {
                let remedy = match usual {
                    Value::Object(_) => format!("add the table [{}]", joined(path, key)),
                    _ => format!("the default is {key} = {}", difference::shown(usual)),
                };
                self.mistake(line, &joined(path, key), "the key is missing", remedy);
            }
        }
        read
    }

    fn value(&mut self, path: &str, (line, found): (usize, &DeValue<'_>), expected: &Value) -> Value {
        match (expected, found) {
            (Value::Object(_), DeValue::Table(table)) if is_money(expected) => self.money(path, line, table),
            (Value::Object(keys), DeValue::Table(table)) => {
                Value::Object(self.table(path, (line, table), keys))
            }
            (Value::Array(usual), DeValue::Array(array)) => self.array(path, array, usual.first()),
            (Value::String(_) | Value::Null, DeValue::String(text)) => Value::from(&**text),
            (Value::Bool(_) | Value::Null, DeValue::Boolean(set)) => Value::from(*set),
            (Value::Number(_) | Value::Null, DeValue::Integer(digits)) => {
                let number = i64::from_str_radix(digits.as_str(), digits.radix());
                number.map_or_else(|_| self.other_form(path, (line, found), expected), Value::from)
            }
            _ => self.other_form(path, (line, found), expected),
        }
    }

    /// A list, whose elements all have the form of the default's first.
    fn array(&mut self, path: &str, array: &DeArray<'_>, usual: Option<&Value>) -> Value {
        let elements = array.iter().enumerate().map(|(index, element)| {
            let (name, line) = (format!("{path}[{index}]"), line_at(self.text, element.span().start));
            self.lines.insert(name.clone(), line);
            self.value(&name, (line, element.get_ref()), usual.unwrap_or(&Value::Null))
        });
        Value::Array(elements.collect())
    }

    fn money(&mut self, path: &str, line: usize, table: &DeTable<'_>) -> Value {
        let field = |name: &str| table.get(name).and_then(|value| value.get_ref().as_str());
        let (Some(amount), Some(currency), 2) = (field("amount"), field("currency"), table.len()) else {
            self.mistake(line, path, "this is no amount of money", format!("write it as {MONEY}"));
            return Value::Null;
        };
        match Money::parse(amount, currency) {
            Ok(money) => serde_json::json!({ "minor": money.minor(), "currency": currency }),
            Err(refusal) => {
                self.mistake(line, path, &refusal.message, format!("write it as {MONEY}"));
                Value::Null
            }
        }
    }

    fn other_form(&mut self, path: &str, (line, found): (usize, &DeValue<'_>), expected: &Value) -> Value {
        let what = format!("expected {}, found {}", form(expected), found.type_str());
        self.mistake(line, path, &what, format!("the default is {}", difference::shown(expected)));
        Value::Null
    }

    fn mistake(&mut self, line: usize, key: &str, what: &str, remedy: String) {
        self.mistakes.push(Mistake { line, key: key.to_owned(), what: what.to_owned(), remedy });
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// What an unknown key was likely meant to be.
fn meant(path: &str, key: &str, expected: &Map<String, Value>) -> String {
    let alike = expected.keys().map(|known| (strsim::jaro_winkler(key, known), known));
    let nearest = alike.filter(|(likeness, _)| *likeness >= LIKENESS);
    match nearest.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((_, known)) => format!("did you mean {}?", joined(path, known)),
        None => "remove it".to_owned(),
    }
}

/// What a key's value must be, in words.
const fn form(expected: &Value) -> &'static str {
    match expected {
        Value::Object(_) => "a table",
        Value::Array(_) => "a list",
        Value::String(_) => "text in quotes",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a whole number",
        Value::Null => "text, a whole number, true or false",
    }
}

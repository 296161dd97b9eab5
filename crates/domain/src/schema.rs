//! JSON Schemas of what is written to the log, for those who read it with other tools.
//!
//! They follow from the types and their comments: what `Deserialize` is derived for has a schema by the same fields, and
//! what is written as text says here or beside it which text that is. A schema describes what this version writes; what
//! an older one wrote is in the schema of its own version, which stays as it was.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use serde_json::Value;

/// Where the schemas are named.
const BASE: &str = "https://counterfoil.dev/schemas/events";

/// The schema of one version of an event's payload.
#[derive(Debug)]
pub struct EventSchema {
    /// The recorded type name.
    pub name: &'static str,
    /// The recorded schema version.
    pub version: u16,
    /// The schema, of draft 2020-12.
    pub schema: Value,
}

impl EventSchema {
    pub(crate) fn of<T: JsonSchema>((name, version): (&'static str, u16), about: &str) -> Self {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let mut schema = settings.into_generator().into_root_schema_for::<T>();
        without_links(&mut schema);
        schema.insert("$id".to_owned(), format!("{BASE}/{name}.v{version}.json").into());
        schema.insert("title".to_owned(), name.into());
        schema.insert("description".to_owned(), about.trim_ascii().into());
        Self { name, version, schema: schema.to_value() }
    }
}

/// Makes plain words of what our comments link to.
fn without_links(schema: &mut schemars::Schema) {
    if let Some(Value::String(about)) = schema.get_mut("description") {
        *about = about.replace("[`", "`").replace("`]", "`");
    }
    transform_subschemas(&mut without_links, schema);
}

/// Gives a type that is written as text the schema of that text.
macro_rules! text_schema {
    ($type:ty, $name:expr, $about:expr, { $($key:literal: $value:expr),* }) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $about, $($key: $value),* })
            }
        }
    };
}
pub(crate) use text_schema;

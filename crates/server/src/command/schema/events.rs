//! The JSON schema of each event's payload.

use super::Made;
use domain::Event;

/// Where the schemas are.
const DIRECTORY: &str = "schemas/events";

/// The schemas, of each type's current version.
pub(super) fn schemas() -> impl Iterator<Item = Made> {
    Event::schemas().map(|event| Made {
        path: format!("{DIRECTORY}/{}.v{}.json", event.name, event.version),
        text: format!("{:#}\n", event.schema),
    })
}

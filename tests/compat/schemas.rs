//! The schemas in `schemas/events` are true: what is frozen fits the schema of its version, and what lacks something or
//! has another form does not.

use crate::{Line, lines};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::fs;

const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/events");

fn schema(line: &Line<'_>) -> Value {
    let file = format!("{SCHEMAS}/{}.v{}.json", line.r#type, line.version);
    let text = fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{file} ({error}): run cargo xtask golden --update"));
    serde_json::from_str(&text).unwrap()
}

fn validator(line: &Line<'_>) -> Validator {
    jsonschema::draft202012::new(&schema(line)).unwrap()
}

fn payload(line: &Line<'_>) -> Value {
    serde_json::from_str(line.payload.get()).unwrap()
}

#[test]
fn every_frozen_event_fits_the_schema_of_its_version() {
    for line in lines() {
        let validator = validator(&line);
        let errors: Vec<String> =
            validator.iter_errors(&payload(&line)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{} v{}: {errors:?}", line.r#type, line.version);
    }
}

#[test]
fn an_event_without_any_of_its_required_fields_does_not_fit() {
    for line in lines() {
        let validator = validator(&line);
        let required = schema(&line)["required"].as_array().unwrap().clone();
        assert!(!required.is_empty(), "{}", line.r#type);
        for field in required {
            let mut lacking = payload(&line);
            let removed = lacking.as_object_mut().unwrap().remove(field.as_str().unwrap());
            assert!(removed.is_some(), "{}: {field} is required and not there", line.r#type);
            assert!(!validator.is_valid(&lacking), "{} without {field}", line.r#type);
        }
    }
}

#[test]
fn an_event_with_a_field_of_another_form_does_not_fit() {
    for line in lines() {
        let validator = validator(&line);
        for field in payload(&line).as_object().unwrap().keys() {
            let mut other = payload(&line);
            other[field] = json!(["no field is a list of lists", []]);
            assert!(!validator.is_valid(&other), "{}: {field} is anything", line.r#type);
        }
    }
}

#[test]
fn every_schema_says_what_each_field_means() {
    for line in lines() {
        let schema = schema(&line);
        assert!(schema["description"].is_string() && schema["title"] == line.r#type, "{}", line.r#type);
        for (field, of) in schema["properties"].as_object().unwrap() {
            assert!(of["description"].is_string(), "{}: {field}", line.r#type);
        }
    }
}

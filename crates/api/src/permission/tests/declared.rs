//! Everything that the schema shows is declared, and nothing else is.

use super::*;
use crate::schema::sdl;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, Type, TypeKind, TypeSystemDefinition};
use std::collections::{BTreeMap, BTreeSet};

/// The object types of an SDL with their fields, and what type of object each field leads to.
fn objects(sdl: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut objects = BTreeMap::new();
    for definition in parse_schema(sdl).unwrap().definitions {
        if let TypeSystemDefinition::Type(definition) = definition
            && let TypeKind::Object(object) = definition.node.kind
        {
            let fields = object.fields.iter().map(|field| {
                let field = &field.node;
                (field.name.node.to_string(), innermost(&field.ty.node))
            });
            objects.insert(definition.node.name.node.to_string(), fields.collect());
        }
    }
    objects
}

fn innermost(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => innermost(inner),
    }
}

/// Whether the type is where reading or doing starts, rather than something that is read.
fn is_root(object: &str) -> bool {
    matches!(object, "Query" | "Mutation" | "Subscription")
}

#[test]
fn every_field_of_reading_and_every_object_type_is_declared_once() {
    let objects = objects(&sdl());
    let fields = ["Query", "Subscription"]
        .into_iter()
        .flat_map(|root| objects[root].iter().map(move |(field, _)| format!("{root}.{field}")));
    let types = objects.keys().filter(|object| !is_root(object)).cloned();
    let mut shown: Vec<String> = fields.chain(types).collect();
    // A field or type may have several rows, each for other people.
    let rows: BTreeSet<&str> = READS.iter().map(|row| row.field).collect();
    let parts = PARTS.iter().map(|(part, _)| *part);
    let mut declared: Vec<&str> = rows.into_iter().chain(parts).collect();
    shown.sort();
    declared.sort_unstable();
    assert_eq!(shown, declared);
}

#[test]
fn every_part_is_reached_only_through_what_it_is_declared_a_part_of() {
    let objects = objects(&sdl());
    for (part, declared) in PARTS {
        let mut through = BTreeSet::new();
        for (object, fields) in &objects {
            for (field, _) in fields.iter().filter(|(_, leads_to)| leads_to == part) {
                through.insert(if is_root(object) { format!("{object}.{field}") } else { object.clone() });
            }
        }
        assert_eq!(through, declared.iter().map(ToString::to_string).collect(), "{part}");
    }
}

#[test]
fn no_two_rows_are_for_the_same_field_and_relation() {
    let mut seen = BTreeSet::new();
    for row in READS {
        assert!(seen.insert((row.field, row.relation)), "{row:?}");
    }
}

//! The extent of a parsed document. Each fragment is measured once; sums saturate, so nothing overflows however often
//! fragments are spread within each other.

use super::{ALIASES_MAX, Breach, COMPLEXITY_MAX, Cost, DEPTH_MAX, DIRECTIVES_MAX, NESTING_MAX};
use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};
use std::collections::HashMap;

/// What a document amounts to.
pub(super) struct Measured {
    pub(super) cost: Cost,
    pub(super) introspects: bool,
}

/// Measures every operation and every fragment, used or not.
pub(super) fn measure(document: &ExecutableDocument) -> Result<Measured, Breach> {
    let mut measure = Measure { document, fragments: HashMap::new(), written: 0, introspects: false };
    for (name, fragment) in &document.fragments {
        measure.fragment(name, fragment, 0)?;
    }
    let mut total = Extent::default();
    for (_, operation) in document.operations.iter() {
        total = total.beside(measure.operation(&operation.node)?);
    }
    let cost = Cost { depth: total.depth, complexity: total.fields, aliases: total.aliases };
    match total {
        Extent { height, .. } if height > NESTING_MAX => Err(Breach::Nesting),
        Extent { depth, .. } if depth > DEPTH_MAX => Err(Breach::Depth(depth)),
        Extent { aliases, .. } if aliases > ALIASES_MAX => Err(Breach::Aliases(aliases)),
        Extent { directives, .. } if directives > DIRECTIVES_MAX => Err(Breach::Directives(directives)),
        Extent { fields, .. } if fields.max(measure.written) > COMPLEXITY_MAX => {
            Err(Breach::Complexity(fields.max(measure.written)))
        }
        Extent { .. } => Ok(Measured { cost, introspects: measure.introspects }),
    }
}

/// The extent of a part, with its fragments in place.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Levels of fields.
    depth: usize,
    /// Levels of selection sets, whether of fields or of fragments.
    height: usize,
    fields: usize,
    aliases: usize,
    directives: usize,
}

impl Extent {
    fn beside(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            height: self.height.max(other.height),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
        }
    }

    fn with_directives(mut self, count: usize) -> Self {
        self.directives = self.directives.saturating_add(count);
        self
    }
}

struct Measure<'d> {
    document: &'d ExecutableDocument,
    /// `None` while a fragment is being measured, so that a cycle is seen.
    fragments: HashMap<&'d Name, Option<Extent>>,
    /// Fields as written, in all operations and fragments.
    written: usize,
    introspects: bool,
}

impl<'d> Measure<'d> {
    fn operation(&mut self, operation: &'d OperationDefinition) -> Result<Extent, Breach> {
        let on_variables: usize =
            operation.variable_definitions.iter().map(|variable| variable.node.directives.len()).sum();
        let set = self.set(&operation.selection_set.node, 0)?;
        Ok(set.with_directives(operation.directives.len() + on_variables))
    }

    fn fragment(
        &mut self,
        name: &'d Name,
        fragment: &'d Positioned<FragmentDefinition>,
        level: usize,
    ) -> Result<Extent, Breach> {
        match self.fragments.get(name) {
            Some(Some(extent)) => return Ok(*extent),
            Some(None) => return Err(Breach::FragmentCycle),
            None => {}
        }
        self.fragments.insert(name, None);
        let set = self.set(&fragment.node.selection_set.node, level)?;
        let extent = set.with_directives(fragment.node.directives.len());
        self.fragments.insert(name, Some(extent));
        Ok(extent)
    }

    /// `level` is how deep the recursion is, which is all that bounds it.
    fn set(&mut self, set: &'d SelectionSet, level: usize) -> Result<Extent, Breach> {
        if set.items.is_empty() {
            return Ok(Extent::default());
        }
        if level >= NESTING_MAX {
            return Err(Breach::Nesting);
        }
        let mut total = Extent::default();
        for selection in &set.items {
            let extent = match &selection.node {
                Selection::Field(field) => self.field(&field.node, level)?,
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node, level + 1)?,
                Selection::FragmentSpread(spread) => {
                    match self.document.fragments.get_key_value(&spread.node.fragment_name.node) {
                        Some((name, fragment)) => self.fragment(name, fragment, level + 1)?,
                        // A name that isn't defined is refused by validation.
                        None => Extent::default(),
                    }
                }
            };
            total = total.beside(extent.with_directives(selection.node.directives().len()));
        }
        total.height += 1;
        Ok(total)
    }

    fn field(&mut self, field: &'d Field, level: usize) -> Result<Extent, Breach> {
        self.written += 1;
        let mut extent = self.set(&field.selection_set.node, level + 1)?;
        let introspects = matches!(field.name.node.as_str(), "__schema" | "__type");
        self.introspects |= introspects;
        // Tools ask for types of types twelve levels deep; where introspection is allowed at all, that is.
        extent.depth = if introspects { 1 } else { extent.depth + 1 };
        extent.fields = extent.fields.saturating_add(1);
        extent.aliases = extent.aliases.saturating_add(usize::from(field.alias.is_some()));
        Ok(extent)
    }
}

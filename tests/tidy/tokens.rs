//! Rust sources as tokens: functions, macro calls, attributes and modules, wherever they stand.
//!
//! Tokens are enough for what the checks ask, and unlike a syntax tree they show what is written inside a macro call,
//! such as the functions of `proptest!`. Comments and the content of string literals are never mistaken for code.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, Literal, Spacing, TokenStream, TokenTree};

/// The tokens of a source file.
///
/// # Panics
/// If the text is not made of Rust tokens, naming the file.
pub(crate) fn parse(path: &str, source: &str) -> TokenStream {
    TokenStream::from_str(source).unwrap_or_else(|error| panic!("{path} is not Rust: {error}"))
}

/// A function, method or test, also one without a body.
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of the keyword `fn`, counted from 1.
    pub(crate) line: usize,
    /// Lines from the keyword `fn` to the closing brace.
    pub(crate) lines: usize,
    /// Arguments other than `self`.
    pub(crate) arguments: usize,
}

/// Every function of a source, the inner ones and those in macro calls included.
pub(crate) fn functions(source: &TokenStream) -> Vec<Function> {
    let mut found = Vec::new();
    each_level(source, &mut |level| {
        for (index, token) in level.iter().enumerate() {
            if is_word(token, "fn") {
                found.extend(function_at(&level[index..]));
            }
        }
    });
    found
}

/// A macro call: `name!(…)`, `name![…]` or `name!{…}`.
pub(crate) struct MacroCall {
    pub(crate) name: String,
    /// The line of the name, counted from 1.
    pub(crate) line: usize,
    pub(crate) body: TokenStream,
}

/// Every macro call of a source, those inside other calls included.
pub(crate) fn macro_calls(source: &TokenStream) -> Vec<MacroCall> {
    let mut found = Vec::new();
    each_level(source, &mut |level| {
        for window in level.windows(3) {
            if let [TokenTree::Ident(name), mark, TokenTree::Group(group)] = window
                && is_mark(mark, '!')
            {
                let line = name.span().start().line;
                found.push(MacroCall { name: name.to_string(), line, body: group.stream() });
            }
        }
    });
    found
}

/// The content of every attribute, without its brackets, and its line.
pub(crate) fn attributes(source: &TokenStream) -> Vec<(usize, TokenStream)> {
    let mut found = Vec::new();
    each_level(source, &mut |level| {
        for (index, token) in level.iter().enumerate() {
            if let Some(group) = attribute_at(&level[index..]) {
                found.push((token.span().start().line, group.stream()));
            }
        }
    });
    found
}

/// A module declared or written out at one level of a source.
pub(crate) struct Module {
    pub(crate) name: String,
    /// The value of its `#[path = "…"]`.
    pub(crate) path: Option<String>,
    /// Whether it is compiled for tests only.
    pub(crate) test: bool,
    /// The lines from its first attribute to its last token.
    pub(crate) lines: std::ops::RangeInclusive<usize>,
    /// What stands between its braces, unless it is in a file of its own.
    pub(crate) body: Option<TokenStream>,
}

/// The modules at the outermost level of `source`.
pub(crate) fn modules(source: &TokenStream) -> Vec<Module> {
    let level: Vec<TokenTree> = source.clone().into_iter().collect();
    let found = level.iter().enumerate().filter(|(_, token)| is_word(token, "mod"));
    found.filter_map(|(index, _)| module_at(&level, index)).collect()
}

/// Identifiers and the values of string literals at every level.
pub(crate) fn words(source: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    each_level(source, &mut |level| {
        found.extend(level.iter().filter_map(|token| match token {
            TokenTree::Ident(name) => Some(name.to_string()),
            TokenTree::Literal(literal) => string_value(literal),
            TokenTree::Group(_) | TokenTree::Punct(_) => None,
        }));
    });
    found
}

/// The value of a string literal without escapes, which is how paths and names are written.
pub(crate) fn string_value(literal: &Literal) -> Option<String> {
    let text = literal.to_string();
    let quoted = text.trim_start_matches('r').trim_matches('#');
    Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// Whether the token is this identifier or keyword.
pub(crate) fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(name) if *name == word)
}

/// Whether the token is this punctuation mark.
pub(crate) fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

/// Shows `visit` the tokens of the stream and of every group in it, each group as a level of its own.
pub(crate) fn each_level(source: &TokenStream, visit: &mut impl FnMut(&[TokenTree])) {
    let level: Vec<TokenTree> = source.clone().into_iter().collect();
    visit(&level);
    for token in &level {
        if let TokenTree::Group(group) = token {
            each_level(&group.stream(), visit);
        }
    }
}

/// The function whose keyword `fn` is the first token; none if it is the type of a function pointer.
fn function_at(tokens: &[TokenTree]) -> Option<Function> {
    let TokenTree::Ident(name) = tokens.get(1)? else {
        return None;
    };
    let rest = outside_angles(&tokens[2..]);
    let arguments = rest.iter().find_map(|token| group(token, Delimiter::Parenthesis))?;
    let end = rest.iter().find(|token| is_mark(token, ';') || group(token, Delimiter::Brace).is_some())?;
    let line = tokens[0].span().start().line;
    let lines = end.span().end().line + 1 - line;
    Some(Function { name: name.to_string(), line, lines, arguments: count_arguments(arguments) })
}

fn count_arguments(arguments: &Group) -> usize {
    let tokens: Vec<TokenTree> = arguments.stream().into_iter().collect();
    let outside = outside_angles(&tokens);
    let arguments = outside.split(|token| is_mark(token, ',')).filter(|argument| !argument.is_empty());
    let receiver = |argument: &[&TokenTree]| argument.iter().any(|token| is_word(token, "self"));
    arguments.filter(|argument| !receiver(argument)).count()
}

/// The tokens outside `<…>`, without the arrows `->` and `=>`, whose second mark closes nothing.
fn outside_angles(tokens: &[TokenTree]) -> Vec<&TokenTree> {
    let mut depth = 0_usize;
    let mut outside = Vec::new();
    let mut after_joint = false;
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' && !after_joint => {
                depth = depth.saturating_sub(1);
            }
            _ if depth == 0 => outside.push(token),
            _ => {}
        }
        let arrow = is_mark(token, '-') || is_mark(token, '=');
        after_joint = arrow && matches!(token, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
    }
    outside
}

fn module_at(level: &[TokenTree], keyword: usize) -> Option<Module> {
    let TokenTree::Ident(name) = level.get(keyword + 1)? else {
        return None;
    };
    let end = level.get(keyword + 2)?;
    let body = group(end, Delimiter::Brace).map(Group::stream);
    if body.is_none() && !is_mark(end, ';') {
        return None;
    }
    let (first, attributes) = attributes_before(level, keyword);
    let path = attributes.iter().find_map(|attribute| match attribute.as_slice() {
        [key, _, TokenTree::Literal(value)] if is_word(key, "path") => string_value(value),
        _ => None,
    });
    let test = attributes.iter().any(|attribute| match attribute.as_slice() {
        [key, TokenTree::Group(condition)] => is_word(key, "cfg") && condition.stream().to_string() == "test",
        _ => false,
    });
    let lines = level[first].span().start().line..=end.span().end().line;
    Some(Module { name: name.to_string(), path, test, lines, body })
}

/// Walks back over visibility and attributes: where the item begins, and the content of each attribute.
fn attributes_before(level: &[TokenTree], keyword: usize) -> (usize, Vec<Vec<TokenTree>>) {
    let mut first = match &level[..keyword] {
        [.., public, scope] if is_word(public, "pub") && group(scope, Delimiter::Parenthesis).is_some() => {
            keyword - 2
        }
        [.., public] if is_word(public, "pub") => keyword - 1,
        _ => keyword,
    };
    let mut attributes = Vec::new();
    while first >= 2 {
        let Some(group) = attribute_at(&level[first - 2..]) else {
            break;
        };
        attributes.push(group.stream().into_iter().collect());
        first -= 2;
    }
    (first, attributes)
}

fn attribute_at(tokens: &[TokenTree]) -> Option<&Group> {
    match tokens {
        // An inner attribute has `!` between the mark and its brackets.
        [mark, inner, content, ..] if is_mark(mark, '#') && is_mark(inner, '!') => {
            group(content, Delimiter::Bracket)
        }
        [mark, content, ..] if is_mark(mark, '#') => group(content, Delimiter::Bracket),
        _ => None,
    }
}

fn group(token: &TokenTree, delimiter: Delimiter) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group),
        TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    }
}

fn function(source: &str) -> Function {
    functions(&parse("made-up.rs", source)).remove(0)
}

#[test]
fn arguments_are_counted_without_self_and_without_what_is_in_angles() {
    let source =
        "fn f<F: Fn(u8, u8) -> Map<A, B>>(&mut self, map: Map<A, B>, call: fn(u8, u8) -> u8,) -> (A, B) { }";
    assert_eq!(function(source).arguments, 2);
}

#[test]
fn a_function_s_lines_run_from_its_keyword_to_its_closing_brace() {
    let counted = function("\n\n/// Doc.\npub fn f(\n    x: u8,\n)\nwhere\n    u8: Copy,\n{\n    x;\n}\n");
    assert_eq!((counted.line, counted.lines), (4, 8));
}

#[test]
fn functions_in_macros_traits_and_functions_are_seen() {
    let source = parse("made-up.rs", "proptest! { fn a(x in 0..5) { fn b() {} } } trait T { fn c(&self); }");
    assert_eq!(
        functions(&source).into_iter().map(|function| function.name).collect::<Vec<_>>(),
        ["a", "b", "c"]
    );
}

#[test]
fn comments_strings_and_function_pointers_are_no_functions() {
    let source = parse("made-up.rs", "// fn a() {}\nconst A: &str = \"fn b() {}\"; type C = fn(u8) -> u8;");
    assert!(functions(&source).is_empty());
}

#[test]
fn a_module_knows_its_path_its_lines_and_whether_it_is_for_tests() {
    let source = "#[cfg(test)]\n#[path = \"b.rs\"]\npub(crate) mod a;\nmod c { mod d; }";
    let found = modules(&parse("made-up.rs", source));
    assert_eq!(
        (found[0].path.as_deref(), found[0].test, found[0].lines.clone()),
        (Some("b.rs"), true, 1..=3)
    );
    assert!(!found[1].test && found[1].body.is_some() && found.len() == 2);
}

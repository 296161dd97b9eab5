use super::*;
use async_graphql::Variables;
use serde_json::json;

fn cost(query: &str) -> Result<Cost, Denied> {
    admit(&mut Request::new(query), false)
}

fn breach(query: &str) -> Breach {
    match cost(query) {
        Err(Denied::Breach(breach)) => breach,
        other => panic!("expected a breach, found {other:?}"),
    }
}

/// `part` of every number below `count`, one after the other.
fn each(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().concat()
}

/// `levels` fields within each other.
fn deep(levels: usize) -> String {
    format!("{}{}", "{a".repeat(levels), "}".repeat(levels))
}

#[test]
fn cost_counts_levels_fields_and_aliases() {
    assert_eq!(cost("{ a { b x: c { d } } }").unwrap(), Cost { depth: 3, complexity: 4, aliases: 1 });
}

#[test]
fn fragments_count_wherever_they_are_spread() {
    let query = "{ a { ...F } b { ...F ... on T { x: c } } } fragment F on T { y: d e { f } }";
    assert_eq!(cost(query).unwrap(), Cost { depth: 3, complexity: 9, aliases: 3 });
}

#[test]
fn ten_levels_pass_and_eleven_do_not() {
    assert_eq!(cost(&deep(DEPTH_MAX)).unwrap().depth, DEPTH_MAX);
    assert_eq!(breach(&deep(DEPTH_MAX + 1)), Breach::Depth(DEPTH_MAX + 1));
}

#[test]
fn a_thousand_fields_pass_and_one_more_does_not() {
    let wide = |n: usize| format!("{{{}}}", "a ".repeat(n));
    assert!(cost(&wide(COMPLEXITY_MAX)).is_ok());
    assert_eq!(breach(&wide(COMPLEXITY_MAX + 1)), Breach::Complexity(COMPLEXITY_MAX + 1));
}

#[test]
fn thirty_aliases_pass_and_one_more_does_not() {
    let aliases = |n: usize| format!("{{{}}}", each(n, |i| format!("a{i}:a ")));
    assert!(cost(&aliases(ALIASES_MAX)).is_ok());
    assert_eq!(breach(&aliases(ALIASES_MAX + 1)), Breach::Aliases(ALIASES_MAX + 1));
}

#[test]
fn directives_count_wherever_they_stand() {
    let n = DIRECTIVES_MAX + 1;
    let many = "@d ".repeat(n);
    for query in [
        format!("query {many} {{ a }}"),
        format!("query($v: Int {many}) {{ a }}"),
        format!("{{ a {many} }}"),
        format!("{{ ... {many} {{ a }} }}"),
        format!("{{ ...F {many} }} fragment F on T {{ a }}"),
        format!("{{ ...F }} fragment F on T {many} {{ a }}"),
    ] {
        assert_eq!(breach(&query), Breach::Directives(n), "{query}");
    }
    assert!(cost(&format!("{{ a {} }}", "@d ".repeat(DIRECTIVES_MAX))).is_ok());
}

#[test]
fn fragments_that_contain_themselves_are_refused() {
    assert_eq!(breach("{ ...A } fragment A on T { ...A }"), Breach::FragmentCycle);
    assert_eq!(
        breach("{ ...A } fragment A on T { b ...B } fragment B on T { a { ...A } }"),
        Breach::FragmentCycle
    );
    assert_eq!(breach("{ a } fragment A on T { ...B } fragment B on T { ...A }"), Breach::FragmentCycle);
}

#[test]
fn fragments_that_double_at_each_level_are_refused() {
    let levels = each(25, |i| format!("fragment F{i} on T {{ ...F{} ...F{} }} ", i + 1, i + 1));
    let bomb = format!("{{ ...F0 }} {levels} fragment F25 on T {{ a }}");
    assert_eq!(breach(&bomb), Breach::Complexity(1 << 25));
}

#[test]
fn long_chains_of_fragments_are_refused() {
    let chain = each(200, |i| format!("fragment F{i} on T {{ ...F{} }} ", i + 1));
    assert_eq!(breach(&format!("{{ ...F0 }} {chain} fragment F200 on T {{ a }}")), Breach::Nesting);
    assert_eq!(
        breach(&format!("{{ a }} {chain} fragment F200 on T {{ a }}")),
        Breach::Nesting,
        "unused ones too"
    );
}

#[test]
fn fields_in_unused_fragments_are_counted() {
    let query = format!("{{ a }} fragment F on T {{ {} }}", "a ".repeat(COMPLEXITY_MAX));
    assert_eq!(breach(&query), Breach::Complexity(COMPLEXITY_MAX + 1));
}

#[test]
fn several_operations_share_one_bound() {
    let fields = "a ".repeat(600);
    assert_eq!(breach(&format!("query A {{ {fields} }} query B {{ {fields} }}")), Breach::Complexity(1_200));
}

#[test]
fn brackets_of_any_kind_are_stopped_before_the_parser() {
    for open in ["{a", "{a(x:[", "[", "(", "{a(x:{y:", "{...{"] {
        assert_eq!(breach(&open.repeat(50_000)), Breach::Nesting, "{open}");
    }
    assert_eq!(breach(&format!("query($x: {}Int) {{ a }}", "[".repeat(1_000))), Breach::Nesting);
}

#[test]
fn brackets_in_strings_and_comments_do_not_nest() {
    let many = "[".repeat(200);
    let query = format!(
        r#"{{ a(x: "{many} \" {many}", y: """{many} " \""" {many}""") # {many}
        b }}"#
    );
    assert_eq!(cost(&query).unwrap().complexity, 2);
}

#[test]
fn a_block_string_that_is_never_closed_hides_nothing() {
    let query = format!("{{ a(x: [\"\"\"x\" {}", "[".repeat(50_000));
    assert!(matches!(cost(&query), Err(Denied::Syntax { .. })));
}

#[test]
fn long_documents_are_stopped_before_the_parser() {
    assert_eq!(breach(&format!("{{{}}}", "a,".repeat(TOKENS_MAX))), Breach::Tokens);
}

#[test]
fn long_strings_are_refused_in_documents_and_variables() {
    let long = "x".repeat(STRING_BYTES_MAX + 1);
    for query in
        [format!("{{ a(x: \"{long}\") }}"), format!("{{ a(x: \"\"\"{long}\"\"\") }}"), format!("\"{long}")]
    {
        assert_eq!(breach(&query), Breach::StringTooLong);
    }
    for variables in [json!({"v": long}), json!({"v": [{"w": long}]}), json!({"v": {long.clone(): 1}})] {
        let mut request =
            Request::new("query($v: String) { a(x: $v) }").variables(Variables::from_json(variables));
        assert_eq!(admit(&mut request, false), Err(Breach::StringTooLong.into()));
    }
    let fits = "x".repeat(STRING_BYTES_MAX - 2);
    assert!(cost(&format!("{{ a(x: \"{fits}\") }}")).is_ok());
}

#[test]
fn introspection_is_refused_wherever_it_hides() {
    for query in [
        "{ __schema { types { name } } }",
        "{ x: __type(name: \"T\") { name } }",
        "{ ... on Query { ...F } } fragment F on Query { __schema { queryType { name } } }",
    ] {
        assert_eq!(breach(query), Breach::Introspection, "{query}");
        assert!(admit(&mut Request::new(query), true).is_ok(), "{query}");
    }
    assert!(cost("{ __typename a { __typename } }").is_ok());
}

#[test]
fn tools_may_introspect_deeply_in_development() {
    let query = format!("{{ __schema {} }}", deep(15));
    assert!(admit(&mut Request::new(query), true).is_ok());
}

#[test]
fn syntax_errors_say_where_and_keep_the_document_to_themselves() {
    let Err(Denied::Syntax { message, locations }) = cost("{ secret(x: \"canary\" }") else { panic!() };
    assert!(!message.contains("canary") && message.contains("expected"), "{message}");
    assert_eq!((locations[0].line, locations[0].column), (1, 22));
}

#[test]
fn codes_tell_cost_from_permission() {
    assert_eq!(Breach::Depth(11).code(), "COST_LIMIT");
    assert_eq!(Breach::Introspection.code(), "FORBIDDEN");
}

#[test]
fn the_operation_is_told_by_name_or_by_being_the_only_one() {
    let of = |query: &str, name| {
        let mut request = Request::new(query);
        operation_type(request.parsed_query().unwrap(), name)
    };
    assert_eq!(of("mutation { a }", None), Some(OperationType::Mutation));
    assert_eq!(of("mutation A { a }", None), Some(OperationType::Mutation));
    assert_eq!(of("query Q { a } mutation M { a }", Some("M")), Some(OperationType::Mutation));
    assert_eq!(of("query Q { a } mutation M { a }", None), None);
    assert_eq!(of("query Q { a }", Some("R")), None);
    assert_eq!(of("{ a }", Some("R")), None);
}

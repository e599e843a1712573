//! Rule R8: policy.

use super::*;

const POLICY: &str = "\
default: homelab
backends:
  homelab: {type: 1passwordconnect, settings: {OP_CONNECT_HOST: x, OP_CONNECT_TOKEN: s3cr3t}}
  shared: {type: file, settings: {MANIFILL_FILE: shared.yaml}}
policy:
  - {project: \"team-a-*\", allow: [\"homelab!vaults/Team A/**\"]}
  - {project: \"*\", allow: [\"shared!common/*\"]}
  - {project: \"team-b\", namespace: prod, app: \"web-*\", repo: \"https://git.example.com/team-b/*\", allow: [\"vaults/B/**\"]}
";

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let place = Folder::new();
    let file = place.file("etc/m.yaml", text);
    let mut sources = place.sources(variables);
    sources.working_dir = place.path("checkout");
    Config::load(&sources.with_config_file(file))
}

/// Whether the policy lets this project read a path of `homelab` (the default) or `shared`.
fn may(variables: &[(&str, &str)], backend: &str, path: &str) -> bool {
    let rules = load(POLICY, variables).unwrap().rules;
    assert!(rules.is_restricted());
    rules
        .check(backend, backend == "homelab", path, path)
        .is_ok()
}

const TEAM_A: &[(&str, &str)] = &[("ARGOCD_APP_PROJECT_NAME", "team-a-x")];

#[test]
fn a_request_is_allowed_if_a_matching_rule_allows_it() {
    assert!(may(TEAM_A, "homelab", "vaults/Team A/items/db"));
    assert!(may(TEAM_A, "homelab", "vaults/Team A/items/deep/er"));
    assert!(may(TEAM_A, "shared", "common/db"));
    let other = &[("ARGOCD_APP_PROJECT_NAME", "team-c")];
    assert!(may(other, "shared", "common/db"));
    assert!(!may(other, "homelab", "vaults/Team A/items/db"));
}

#[test]
fn a_star_stays_in_its_segment_and_letters_have_their_case() {
    assert!(!may(TEAM_A, "shared", "common/deep/db"));
    assert!(!may(TEAM_A, "shared", "commoner/db"));
    assert!(!may(TEAM_A, "homelab", "vaults/team a/items/db"));
    assert!(!may(
        &[("ARGOCD_APP_PROJECT_NAME", "Team-a-x")],
        "homelab",
        "vaults/Team A/items/db"
    ));
    assert!(!may(TEAM_A, "homelab", "x/vaults/Team A/items/db"));
}

#[test]
fn an_entry_is_for_its_backend_or_for_the_default_one() {
    assert!(!may(TEAM_A, "homelab", "common/db"));
    assert!(!may(TEAM_A, "shared", "vaults/Team A/items/db"));
    let team_b = &[
        ("ARGOCD_APP_PROJECT_NAME", "team-b"),
        ("ARGOCD_APP_NAMESPACE", "prod"),
        ("ARGOCD_APP_NAME", "web-1"),
        (
            "ARGOCD_APP_SOURCE_REPO_URL",
            "https://git.example.com/team-b/web",
        ),
    ];
    assert!(may(team_b, "homelab", "vaults/B/items/x"));
    assert!(!may(team_b, "shared", "vaults/B/items/x"));
    // Each field narrows: another value, or none, and the rule is not for this app.
    for (index, wrong) in [
        (0, "team-c"),
        (1, "dev"),
        (2, "api"),
        (3, "https://git.example.com/x/y"),
    ] {
        let mut variables = team_b.to_vec();
        variables[index].1 = wrong;
        assert!(!may(&variables, "homelab", "vaults/B/items/x"), "{wrong}");
        variables[index].1 = "";
        assert!(!may(&variables, "homelab", "vaults/B/items/x"));
    }
}

#[test]
fn both_spellings_must_be_allowed() {
    let rules = load(POLICY, TEAM_A).unwrap().rules;
    let (good, bad) = ("vaults/Team A/items/db", "vaults/Team B/items/db");
    assert!(rules.check("homelab", true, good, good).is_ok());
    assert!(rules.check("homelab", true, good, bad).is_err());
    assert!(rules.check("homelab", true, bad, good).is_err());
    let validation = environment(&[("AVP_PATH_VALIDATION", "Team A")])
        .unwrap()
        .rules;
    assert!(validation.check("homelab", true, good, good).is_ok());
    assert!(validation.check("homelab", true, good, bad).is_err());
    assert!(validation.check("homelab", true, bad, good).is_err());
}

#[test]
fn odd_segments_are_refused_and_not_normalised() {
    let policy = load(POLICY, TEAM_A).unwrap().rules;
    let validation = environment(&[("AVP_PATH_VALIDATION", "")]).unwrap().rules;
    let wide = environment(&[("AVP_PATH_VALIDATION", ".")]).unwrap().rules;
    for odd in [
        "vaults/Team A/../B",
        "vaults/Team A/./x",
        "vaults/Team A//x",
        "vaults/Team A/%2e%2E/x",
        "vaults/Team A/a%2Fb",
        "vaults/Team A/a\\b",
    ] {
        let good = "vaults/Team A/x";
        for (raw, plain) in [(odd, odd), (good, odd), (odd, good)] {
            assert!(policy.check("homelab", true, raw, plain).is_err(), "{odd}");
            assert!(wide.check("homelab", true, raw, plain).is_err(), "{odd}");
            assert!(
                validation.check("homelab", true, raw, plain).is_ok(),
                "{odd}"
            );
        }
    }
}

#[test]
fn validation_and_policy_must_both_allow() {
    let variables = [TEAM_A, &[("AVP_PATH_VALIDATION", "items/db$")]].concat();
    assert!(may(&variables, "homelab", "vaults/Team A/items/db"));
    assert!(!may(&variables, "homelab", "vaults/Team A/items/web"));
    assert!(!may(&variables, "homelab", "vaults/Team B/items/db"));
    let rules = load(POLICY, &variables).unwrap().rules;
    let error = rules
        .check("homelab", true, "vaults/Team A/x", "vaults/Team A/x")
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("disallowed by AVP_PATH_VALIDATION restriction"),
        "{error}"
    );
}

#[test]
fn without_a_project_every_read_is_refused_with_the_reason() {
    for variables in [
        &[][..],
        &[("ARGOCD_APP_PROJECT_NAME", "")],
        &[("ARGOCD_ENV_ARGOCD_APP_PROJECT_NAME", "team-a-x")],
    ] {
        let rules = load(POLICY, variables).unwrap().rules;
        let error = rules
            .check("shared", false, "common/db", "common/db")
            .unwrap_err();
        assert!(
            error.to_string().contains("the project is not known"),
            "{error}"
        );
        assert!(error.hint().unwrap().contains("ARGOCD_APP_PROJECT_NAME"));
        assert!(error.hint().unwrap().contains("--project"));
    }
}

#[test]
fn a_refusal_names_project_path_and_backend() {
    let rules = load(POLICY, TEAM_A).unwrap().rules;
    let error = rules
        .check("homelab", true, "vaults/B/x", "vaults/B/x")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the policy does not allow project `team-a-x` to read `vaults/B/x` from backend `homelab`"
    );
}

#[test]
fn a_refusal_says_which_spelling_a_rule_must_have() {
    let rules = load(POLICY, TEAM_A).unwrap().rules;
    let hint = |raw: &str, plain: &str| {
        let error = rules.check("homelab", true, raw, plain).unwrap_err();
        error.hint().unwrap().to_owned()
    };
    let reference = "op://Team A/db";
    assert!(hint(reference, reference).contains("such as op://vault/*"));
    let link = "https://start.1password.com/open/i?v=V&i=I";
    assert!(hint(link, "vaults/V/items/I").contains("as it is written and as the backend"));
    let rule = hint("vaults/B/x", "vaults/B/x");
    assert!(rule.contains("must allow the path"));
    // Whoever pastes the rule may read the path.
    let rule = &rule[rule.find('{').unwrap()..];
    let file = format!("{POLICY}  - {rule}\n");
    let rules = load(&file, TEAM_A).unwrap().rules;
    assert!(
        rules
            .check("homelab", true, "vaults/B/x", "vaults/B/x")
            .is_ok(),
        "{file}"
    );
    // With rules in the spellings they have, both are allowed.
    let policy = POLICY.replace(
        "homelab!vaults/Team A/**",
        "op://Team A/*\", \"https://start.1password.com/open/*\", \"vaults/V/items/I",
    );
    let rules = load(&policy, TEAM_A).unwrap().rules;
    assert!(rules.check("homelab", true, reference, reference).is_ok());
    assert!(
        rules
            .check("homelab", true, link, "vaults/V/items/I")
            .is_ok()
    );
}

#[test]
fn an_empty_policy_allows_nothing_and_trust_changes_no_policy() {
    let rules = load("policy: []\n", TEAM_A).unwrap().rules;
    assert!(rules.is_restricted());
    assert!(rules.check("file", true, "a", "a").is_err());
    let trusted = [TEAM_A, &[TRUST]].concat();
    assert!(!may(&trusted, "homelab", "vaults/B/x"));
    // A policy alone goes with AVP's settings in the environment.
    let variables = [TEAM_A, &[("AVP_TYPE", "file"), ("MANIFILL_FILE", "x")]].concat();
    let config = load(
        "policy: [{project: team-a-*, allow: [common/**]}]\n",
        &variables,
    )
    .unwrap();
    assert_eq!(default(&config).0, "file");
    assert!(
        config
            .rules
            .check("file", true, "common/x", "common/x")
            .is_ok()
    );
    assert!(
        config
            .rules
            .check("file", true, "other/x", "other/x")
            .is_err()
    );
}

#[test]
fn the_project_flag_is_for_outside_argo_cd() {
    let place = Folder::new();
    let file = place.file("m.yaml", POLICY);
    let with = |mut sources: Sources, project: &str| {
        sources.project = Some(project.to_owned());
        Config::load(&sources.with_config_file(&file))
    };
    let rules = with(place.sources(&[]), "team-a-x").unwrap().rules;
    assert!(
        rules
            .check("homelab", true, "vaults/Team A/x", "vaults/Team A/x")
            .is_ok()
    );
    with(place.argo(&[]), "team-a").unwrap();
    let text = refusal(with(place.argo(&[]), "team-b"));
    assert!(
        text.contains("--project `team-b`") && text.contains("`team-a`"),
        "{text}"
    );
    assert!(text.contains("ARGOCD_APP_PROJECT_NAME decides"), "{text}");
    // An Argo CD too old to name the project: the flag could be the author's.
    let mut old = place.argo(&[]);
    old.environment.remove("ARGOCD_APP_PROJECT_NAME");
    assert!(refusal(with(old, "team-a")).contains("no effect under Argo CD"));
}

#[test]
fn a_rule_must_be_whole() {
    for (rule, wanted) in [
        (
            "{allow: [x]}",
            "1:10: a rule of the policy has no `project`",
        ),
        (
            "{project: \"*\"}",
            "1:10: a rule of the policy has no `allow`",
        ),
        (
            "{project: \"*\", allow: x}",
            "1:32: `allow` must be a list, but it is text",
        ),
        (
            "{project: \"*\", allow: [[x]]}",
            "1:33: an entry of `allow` must be text, but it is a list",
        ),
        (
            "{project: , allow: [x]}",
            "`project` must be text, but it is empty",
        ),
        ("{project: \"\", allow: [x]}", "`project` must be text"),
        (
            "{project: a, ap: b, allow: [x]}",
            "1:23: this key is not known in a rule of the policy; did you mean `app`?",
        ),
        (
            "{project: a, namespace: [b], allow: [x]}",
            "`namespace` must be text, but it is a list",
        ),
        (
            "{project: a, allow: [shard!x]}",
            "1:31: there is no such backend; did you mean `shared`?",
        ),
        (
            "everything",
            "1:10: a rule of the policy must be a map, but it is text",
        ),
    ] {
        let text = format!("policy: [{rule}]\nbackends: {{shared: {{type: file}}}}\n");
        let text = refusal(load(&text, TEAM_A));
        assert!(text.contains(wanted), "{text}\nlacks\n{wanted}");
    }
}

#[test]
fn an_entry_may_end_in_derive_and_in_no_other_modifier() {
    let load_entry = |entry: &str| {
        load(
            &POLICY.replace("vaults/B/**", entry),
            &[("ARGOCD_APP_PROJECT_NAME", "team-c")],
        )
    };
    for entry in [
        "vaults/B/root | derive",
        "vaults/B/root|derive",
        "shared!a | derive",
        "vaults/a|b/**",
    ] {
        assert!(load_entry(entry).is_ok(), "{entry}");
    }
    for entry in [
        "vaults/B/root | deriv",
        "vaults/B/root | Derive",
        "vaults/B/root | derive \\\"team-b/\\\" 32",
        "vaults/B/root | base64encode",
        "vaults/B/root | indent 4",
    ] {
        let errors = load_entry(entry).unwrap_err().to_string();
        assert!(
            errors.contains("may end in `| derive`, and in no other modifier"),
            "{entry}: {errors}"
        );
        assert!(errors.contains("m.yaml:8:"), "{entry}: {errors}");
    }
    let told = load_entry("nowhere!a | derive").unwrap_err().to_string();
    assert!(told.contains("there is no such backend"), "{told}");
}

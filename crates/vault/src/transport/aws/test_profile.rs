//! Profiles: how their files are read, and what they log in with.

use super::chain::Base;
use super::profile::Profiles;

fn profiles(config: &str, credentials: &str) -> Profiles {
    let mut all = Profiles::default();
    all.add(config, true);
    all.add(credentials, false);
    all.folder = "/home/me/.aws".into();
    all
}

/// What a profile logs in with, in words.
fn told(all: &Profiles, name: &str) -> String {
    let chain = match all.chain(name) {
        Ok(Some(chain)) => chain,
        Ok(None) => return "nothing".to_owned(),
        Err(error) => return error.to_string(),
    };
    let base = match chain.base {
        Base::Keys(keys) => format!("key {}", keys.key_id),
        Base::Environment => "environment".to_owned(),
        Base::Container => "container".to_owned(),
        Base::Machine => "machine".to_owned(),
        Base::WebIdentity { token_file, role } => {
            format!("{} as {}", token_file.display(), role.arn)
        }
        Base::Process(line) => format!("run {}", line.as_str()),
        Base::Sso(sso) => format!(
            "sso {} {} {} {}",
            sso.token_of, sso.region, sso.account, sso.role
        ),
        Base::SignIn(session) => format!("login {session}"),
    };
    let roles = chain
        .roles
        .iter()
        .map(|role| format!(", then {}", role.arn));
    base + &roles.collect::<String>()
}

#[test]
fn files_are_read_as_aws_reads_them() {
    let all = profiles(
        "# first\n[default]\nregion = eu-west-1 # Dublin\noutput=json\n\n[profile  two ]\n\
         Region=us-west-2\r\ns3 =\n    region = nowhere\n; more\n[services x]\nregion = no\n\
         [three]\nregion = no\n[profile empty]\nregion =\n[default]\nregion=eu-west-3\n",
        "[default]\naws_access_key_id = A\naws_secret_access_key = a#b;c=d\n[two]\nregion = us-west-1\n",
    );
    assert_eq!(all.region("default"), Some("eu-west-3"));
    assert_eq!(all.region("two"), Some("us-west-1"));
    for name in ["three", "empty", "x", "none"] {
        assert_eq!(all.region(name), None, "{name}");
    }
    assert!(!all.has("three") && !all.has("x"));
    let Some(Base::Keys(keys)) = all.chain("default").ok().flatten().map(|chain| chain.base) else {
        panic!("it has an access key")
    };
    assert_eq!(
        (keys.secret.as_str(), keys.token.is_none()),
        ("a#b;c=d", true)
    );
}

#[test]
fn what_a_profile_logs_in_with_is_found() {
    let all = profiles(
        "[profile role]\nrole_arn=r1\nsource_profile=base\n\
         [profile far]\nrole_arn=r2\nsource_profile=role\n\
         [profile self]\nrole_arn=r3\nsource_profile=self\naws_access_key_id=S\naws_secret_access_key=s\n\
         [profile both]\nrole_arn=r4\nsource_profile=self\n\
         [profile env]\nrole_arn=r5\ncredential_source=Environment\n\
         [profile ecs]\nrole_arn=r6\ncredential_source=EcsContainer\n\
         [profile ec2]\nrole_arn=r7\ncredential_source=Ec2InstanceMetadata\n\
         [profile web]\nrole_arn=r8\nweb_identity_token_file=token\n\
         [profile web2]\nrole_arn=r9\nsource_profile=web\n\
         [profile process]\ncredential_process=/bin/give me\n\
         [profile sso]\nsso_session=corp\nsso_account_id=12\nsso_role_name=Reader\n\
         [sso-session corp]\nsso_start_url=https://corp/start\nsso_region=eu-west-1\n\
         [profile old]\nsso_start_url=https://old/start\nsso_region=us-east-1\nsso_account_id=34\nsso_role_name=Admin\n\
         [profile console]\nlogin_session=corp\ncredential_process=/bin/give me\n\
         [profile from]\nrole_arn=r10\nsource_profile=console\n\
         [profile plain]\nregion=eu-west-1\n",
        "[base]\naws_access_key_id=B\naws_secret_access_key=b\n",
    );
    for (name, expected) in [
        ("base", "key B"),
        ("role", "key B, then r1"),
        ("far", "key B, then r1, then r2"),
        ("self", "key S, then r3"),
        // The key of another profile comes before its role.
        ("both", "key S, then r4"),
        ("env", "environment, then r5"),
        ("ecs", "container, then r6"),
        ("ec2", "machine, then r7"),
        ("web", "/home/me/.aws/token as r8"),
        ("web2", "/home/me/.aws/token as r8, then r9"),
        ("process", "run /bin/give me"),
        ("sso", "sso corp eu-west-1 12 Reader"),
        ("old", "sso https://old/start us-east-1 34 Admin"),
        ("console", "login corp"),
        ("from", "login corp, then r10"),
        ("plain", "nothing"),
    ] {
        assert_eq!(told(&all, name), expected, "{name}");
    }
}

#[test]
fn a_profile_that_leads_nowhere_is_an_error() {
    let all = profiles(
        "[profile loop]\nrole_arn=r\nsource_profile=loop2\n[profile loop2]\nrole_arn=r\nsource_profile=loop\n\
         [profile me]\nrole_arn=r\nsource_profile=me\n[profile gone]\nrole_arn=r\nsource_profile=none\n\
         [profile none_of]\nrole_arn=r\nsource_profile=plain\n[profile plain]\nregion=x\n\
         [profile neither]\nrole_arn=r\n[profile two]\nrole_arn=r\nsource_profile=plain\ncredential_source=Environment\n\
         [profile mfa]\nrole_arn=r\nsource_profile=plain\nmfa_serial=m\n\
         [profile sso]\nsso_session=gone\nsso_account_id=1\nsso_role_name=r\n\
         [profile half]\nsso_start_url=u\nsso_region=r\nsso_account_id=1\n",
        "",
    );
    for (name, part) in [
        ("loop", "needs too many roles, or itself"),
        (
            "me",
            "`me` of the AWS configuration names itself and has no access key",
        ),
        ("gone", "has no profile `none`"),
        (
            "none_of",
            "the profile `plain` of the AWS configuration has no credentials",
        ),
        (
            "neither",
            "`neither` of the AWS configuration names no way to log in",
        ),
        (
            "two",
            "`two` of the AWS configuration names no way to log in",
        ),
        ("mfa", "needs a one-time code"),
        ("sso", "lacks a part of what IAM Identity Center needs"),
        ("half", "lacks a part of what IAM Identity Center needs"),
        ("absent", "has no profile `absent`"),
    ] {
        let told = told(&all, name);
        assert!(told.contains(part), "{name}: {told}");
    }
}

//! The flags of Helm that an app's author may set, in `HELM_ARGS` and in parameters.

use super::error::{RenderingError, shown};
use super::words;

/// What an author asks of Helm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HelmArgs {
    /// Files of values, as they are written, each with the setting that names it.
    pub(crate) values: Vec<(String, String)>,
    /// `--set` and its like, in their order.
    pub(crate) sets: Vec<(Set, String)>,
    pub(crate) include_crds: Option<bool>,
    pub(crate) skip_crds: Option<bool>,
    pub(crate) skip_tests: Option<bool>,
    pub(crate) no_hooks: Option<bool>,
    pub(crate) kube_version: Option<String>,
    pub(crate) api_versions: Vec<String>,
    pub(crate) namespace: Option<String>,
}

/// How a value is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    Any,
    String,
    Json,
    Literal,
}

impl Set {
    pub(crate) fn flag(self) -> &'static str {
        match self {
            Set::Any => "--set",
            Set::String => "--set-string",
            Set::Json => "--set-json",
            Set::Literal => "--set-literal",
        }
    }
}

/// What each flag is, by its long name.
#[derive(Clone, Copy)]
enum Flag {
    Values,
    Set(Set),
    IncludeCrds,
    SkipCrds,
    SkipTests,
    NoHooks,
    KubeVersion,
    ApiVersions,
    Namespace,
}

const FLAGS: [(&str, Flag); 12] = [
    ("--values", Flag::Values),
    ("--set", Flag::Set(Set::Any)),
    ("--set-string", Flag::Set(Set::String)),
    ("--set-json", Flag::Set(Set::Json)),
    ("--set-literal", Flag::Set(Set::Literal)),
    ("--include-crds", Flag::IncludeCrds),
    ("--skip-crds", Flag::SkipCrds),
    ("--skip-tests", Flag::SkipTests),
    ("--no-hooks", Flag::NoHooks),
    ("--kube-version", Flag::KubeVersion),
    ("--api-versions", Flag::ApiVersions),
    ("--namespace", Flag::Namespace),
];

const SHORT: [(char, Flag); 2] = [('f', Flag::Values), ('n', Flag::Namespace)];

const ALLOWED: &str = "these are allowed: -f/--values, --set, --set-string, --set-json, --set-literal, --include-crds, --skip-crds, --skip-tests, --no-hooks, --kube-version, --api-versions, -n/--namespace";

impl HelmArgs {
    /// Reads the text of a setting, and adds what it says.
    pub(crate) fn add(&mut self, setting: &str, text: &str) -> Result<(), RenderingError> {
        let mut words = words::split(setting, text)?.into_iter();
        while let Some(word) = words.next() {
            let (flag, name, value) = recognize(setting, &word)?;
            if let Some(switch) = self.switch(flag) {
                *switch = Some(boolean(setting, &name, value.as_deref())?);
                continue;
            }
            let Some(value) = value.or_else(|| words.next()) else {
                let message = format!("{setting}: {} has no value", shown(&name));
                return Err(RenderingError::settings(message));
            };
            self.set(setting, flag, &name, value)?;
        }
        Ok(())
    }

    fn switch(&mut self, flag: Flag) -> Option<&mut Option<bool>> {
        match flag {
            Flag::IncludeCrds => Some(&mut self.include_crds),
            Flag::SkipCrds => Some(&mut self.skip_crds),
            Flag::SkipTests => Some(&mut self.skip_tests),
            Flag::NoHooks => Some(&mut self.no_hooks),
            _ => None,
        }
    }

    fn set(
        &mut self,
        setting: &str,
        flag: Flag,
        name: &str,
        value: String,
    ) -> Result<(), RenderingError> {
        let wrong = |what: &str| {
            let message = format!(
                "{setting}: the value {} of {name} is not {what}",
                shown(&value)
            );
            Err(RenderingError::settings(message))
        };
        match flag {
            // Helm splits both at commas, too.
            Flag::Values => {
                let files = value.split(',');
                let named = files.map(|file| (setting.to_owned(), file.to_owned()));
                self.values.extend(named);
            }
            Flag::ApiVersions => {
                let versions = value.split(',');
                if !versions.clone().all(is_api_version) {
                    return wrong("an API version such as apps/v1");
                }
                self.api_versions.extend(versions.map(str::to_owned));
            }
            Flag::Set(set) => self.sets.push((set, value)),
            Flag::KubeVersion if !is_version(&value) => {
                return wrong("a version of Kubernetes such as 1.31.0");
            }
            Flag::KubeVersion => self.kube_version = Some(value),
            Flag::Namespace if !is_namespace(&value) => {
                return wrong("the name of a namespace");
            }
            Flag::Namespace => self.namespace = Some(value),
            // A switch takes no value of its own.
            Flag::IncludeCrds | Flag::SkipCrds | Flag::SkipTests | Flag::NoHooks => {}
        }
        Ok(())
    }
}

/// The flag that a word is, its name as it is written, and the value if it stands in the same word.
fn recognize(setting: &str, word: &str) -> Result<(Flag, String, Option<String>), RenderingError> {
    let refused = |name: &str| {
        let message = format!("{setting}: the flag {} is not allowed", shown(name));
        RenderingError::settings(message).with_hint(ALLOWED)
    };
    if word.starts_with("--") {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let flag = FLAGS.iter().find(|(long, _)| *long == name);
        let (_, flag) = flag.ok_or_else(|| refused(name))?;
        return Ok((*flag, name.to_owned(), value));
    }
    let Some(short) = word.strip_prefix('-') else {
        let message = format!("{setting}: {} is not a flag", shown(word));
        return Err(RenderingError::settings(message).with_hint(
            "only flags can be set; a value with spaces needs quotes, such as --set 'a=b c'",
        ));
    };
    // `-namespace x` would be the namespace `amespace`, and nobody means that.
    let (name, _) = word.split_once('=').unwrap_or((word, ""));
    if FLAGS.iter().any(|(long, _)| long.get(1..) == Some(name)) {
        return Err(refused(name).with_hint(format!("write -{name}")));
    }
    let mut chars = short.chars();
    let flag = chars.next().and_then(|first| {
        let mut known = SHORT.iter();
        known.find(|(short, _)| *short == first)
    });
    let (short, flag) = flag.ok_or_else(|| refused(name))?;
    let glued = chars.as_str();
    let value = match glued.strip_prefix('=') {
        Some(value) => Some(value.to_owned()),
        None => Some(glued.to_owned()).filter(|glued| !glued.is_empty()),
    };
    Ok((*flag, format!("-{short}"), value))
}

/// What a switch is set to, in the words that Helm knows.
fn boolean(setting: &str, name: &str, value: Option<&str>) -> Result<bool, RenderingError> {
    match value {
        None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
        Some(value) => Err(RenderingError::settings(format!(
            "{setting}: {name} is a switch, and {} is neither true nor false",
            shown(value)
        ))),
    }
}

/// Whether Kubernetes would have a namespace of this name.
pub(crate) fn is_namespace(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Whether it looks like a version, `v1.31.0+k3s1`; which one Helm takes is Helm's.
pub(crate) fn is_version(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_alphanumeric())
        && version
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-+_~".contains(&byte))
}

/// Whether it looks like `apps/v1` or `apps/v1/Deployment`.
pub(crate) fn is_api_version(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_alphanumeric())
        && version
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<HelmArgs, RenderingError> {
        let mut args = HelmArgs::default();
        args.add("HELM_ARGS", text)?;
        Ok(args)
    }

    #[test]
    fn each_flag_is_read_in_each_form() {
        let forms = [
            ["-f a.yaml -f b.yaml", "-n team"],
            ["-fa.yaml -fb.yaml", "-nteam"],
            ["-f=a.yaml -f=b.yaml", "-n=team"],
            ["--values a.yaml --values b.yaml", "--namespace team"],
            ["--values=a.yaml --values=b.yaml", "--namespace=team"],
            ["--values a.yaml,b.yaml", "-n 'team'"],
        ];
        for [values, namespace] in forms {
            let args = read(&format!("{values} {namespace}")).unwrap();
            let files: Vec<_> = args.values.iter().map(|(_, file)| file.as_str()).collect();
            assert_eq!(files, ["a.yaml", "b.yaml"], "{values}");
            assert_eq!(args.namespace.as_deref(), Some("team"), "{namespace}");
        }
        for text in [
            "--set a=1,b=2 --set-string c=3 --set-json d={} --set-literal e=$f",
            "--set=a=1,b=2 --set-string=c=3 --set-json=d={} --set-literal=e=$f",
        ] {
            let sets = read(text).unwrap().sets;
            let told: Vec<_> = sets
                .iter()
                .map(|(set, value)| (set.flag(), value.as_str()))
                .collect();
            assert_eq!(
                told,
                [
                    ("--set", "a=1,b=2"),
                    ("--set-string", "c=3"),
                    ("--set-json", "d={}"),
                    ("--set-literal", "e=$f"),
                ]
            );
        }
        let args = read("--include-crds --skip-crds=false --skip-tests=1 --no-hooks=true").unwrap();
        assert_eq!(
            (
                args.include_crds,
                args.skip_crds,
                args.skip_tests,
                args.no_hooks
            ),
            (Some(true), Some(false), Some(true), Some(true))
        );
        let args = read("--kube-version v1.31.0+k3s1 --api-versions a/v1,b/v1/C --api-versions=d")
            .unwrap();
        assert_eq!(args.kube_version.as_deref(), Some("v1.31.0+k3s1"));
        assert_eq!(args.api_versions, ["a/v1", "b/v1/C", "d"]);
        assert_eq!(read(" ").unwrap(), HelmArgs::default());
    }

    #[test]
    fn any_other_flag_is_an_error_that_names_it() {
        for (text, flag) in [
            ("--post-renderer ./x", "--post-renderer"),
            ("--post-renderer=./x", "--post-renderer"),
            ("--set-file a=/etc/passwd", "--set-file"),
            ("--validate", "--validate"),
            ("--enable-dns", "--enable-dns"),
            ("--repo https://x", "--repo"),
            ("--set a=b --kubeconfig=/x", "--kubeconfig"),
            ("--plugin", "--plugin"),
            ("--debug", "--debug"),
            ("--valuesx a", "--valuesx"),
            ("--value a", "--value"),
            ("--", "--"),
            ("-a apps/v1", "-a"),
            ("-", "-"),
            ("-xf a", "-xf"),
            ("-set a=b", "-set"),
            ("-namespace x", "-namespace"),
            ("-values=x", "-values"),
            ("'--set file=a'", "--set file"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("HELM_ARGS: the flag `{flag}` is not allowed"),
                "{text}"
            );
            assert!(error.hint().is_some());
        }
        let error = read("--skip-crds x.yaml").unwrap_err();
        assert_eq!(error.to_string(), "HELM_ARGS: `x.yaml` is not a flag");
    }

    #[test]
    fn values_are_checked_where_only_some_make_sense() {
        for text in [
            "-n",
            "--set",
            "--values",
            "-n Team",
            "-n --set",
            "-n ''",
            "--namespace=a/b",
            "--kube-version=",
            "--kube-version '1 2'",
            "--api-versions=,",
            "--api-versions -x",
            "--include-crds=maybe",
            "--no-hooks=",
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(
                error.kind(),
                super::super::RenderingErrorKind::Settings,
                "{text}"
            );
        }
    }
}

//! Regions, and the addresses of services in them.

use super::settings;
use crate::transport::http::{Url, address};
use crate::{Settings, VaultError};

/// Where argocd-vault-plugin looks if nothing is said.
const DEFAULT: &str = "us-east-2";

/// A service of AWS, as a backend declares it.
pub(crate) struct Service {
    /// What its host begins with, and what signatures are for.
    pub(crate) name: &'static str,
    /// What it is called in messages.
    pub(crate) title: &'static str,
    /// The setting with another address for it.
    pub(crate) endpoint: &'static str,
}

/// The addresses that settings change.
pub(super) struct Endpoints {
    /// Of the backend's own service.
    own: Option<Url>,
    sts: Option<Url>,
    sso: Option<Url>,
    sso_oidc: Option<Url>,
    sign_in: Option<Url>,
    fips: bool,
    dual_stack: bool,
}

/// Whether a text has the shape of a region. It becomes a part of a host, and paths name it (rule
/// R7).
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    let is_part = |part: &str| {
        let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        !part.is_empty() && part.bytes().all(is_inner)
    };
    text.len() <= 40
        && first.len() >= 2
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && rest.peek().is_some()
        && rest.all(is_part)
}

/// The region of the settings, if they say one.
///
/// # Errors
/// If it has not the shape of one.
pub(crate) fn of_settings(settings: &Settings) -> Result<Option<String>, VaultError> {
    for name in [settings::REGION.name, settings::DEFAULT_REGION.name] {
        match settings.value(name) {
            Some(region) if is_region(region) => return Ok(Some(region.to_owned())),
            Some(_) => {
                return Err(VaultError::configuration("{} is not the name of a region")
                    .with_name(name)
                    .with_hint("a region is eu-central-1, for instance"));
            }
            None => {}
        }
    }
    Ok(None)
}

/// The region where nothing says which.
pub(super) fn default() -> (String, &'static str) {
    let note = "no AWS region is set: us-east-2 is asked, as by argocd-vault-plugin; AWS_REGION says another one";
    (DEFAULT.to_owned(), note)
}

impl Endpoints {
    pub(super) fn from_settings(
        settings: &Settings,
        service: &Service,
    ) -> Result<Self, VaultError> {
        let of = |name: &'static str| {
            let wrong =
                || VaultError::configuration("{} is not an http or https address").with_name(name);
            let text = settings.value(name);
            text.map(|text| address::parse(text).ok_or_else(wrong))
                .transpose()
        };
        let all = of(settings::ENDPOINT.name)?;
        let or_all = |one: Option<Url>| one.or_else(|| all.clone());
        Ok(Endpoints {
            own: or_all(of(service.endpoint)?),
            sts: or_all(of(settings::STS_ENDPOINT.name)?),
            sso: or_all(of(settings::SSO_ENDPOINT.name)?),
            sso_oidc: or_all(of(settings::SSO_OIDC_ENDPOINT.name)?),
            sign_in: or_all(of(settings::SIGN_IN_ENDPOINT.name)?),
            fips: settings.switch(settings::FIPS.name)?.unwrap_or(false),
            dual_stack: settings.switch(settings::DUAL_STACK.name)?.unwrap_or(false),
        })
    }

    /// The address of the backend's own service.
    pub(super) fn service(&self, name: &str, region: &str) -> Result<Url, VaultError> {
        self.find(self.own.as_ref(), name, region)
    }

    pub(super) fn sts(&self, region: &str) -> Result<Url, VaultError> {
        self.find(self.sts.as_ref(), "sts", region)
    }

    pub(super) fn sso(&self, region: &str) -> Result<Url, VaultError> {
        match &self.sso {
            Some(url) => Ok(url.clone()),
            None => url("portal.sso", region, suffix(region)),
        }
    }

    pub(super) fn sso_oidc(&self, region: &str) -> Result<Url, VaultError> {
        match &self.sso_oidc {
            Some(url) => Ok(url.clone()),
            None => url("oidc", region, suffix(region)),
        }
    }

    /// Where logins to the console are renewed. Its hosts are named in another way than all others.
    pub(super) fn sign_in(&self, region: &str) -> Result<Url, VaultError> {
        const PARTITIONS: [(&str, &str); 7] = [
            ("cn-", "amazonaws.cn"),
            ("us-gov-", "amazonaws-us-gov.com"),
            ("us-iso-", "c2shome.ic.gov"),
            ("us-isob-", "sc2shome.sgov.gov"),
            ("us-isof-", "csphome.hci.ic.gov"),
            ("eu-isoe-", "csphome.adc-e.uk"),
            ("eusc-", "amazonaws-eusc.eu"),
        ];
        let set = self.sign_in.as_ref();
        if set.is_some() || self.fips || self.dual_stack {
            return self.find(set, "signin", region);
        }
        let suffix = of_partition(&PARTITIONS, region).unwrap_or("aws.amazon.com");
        host(&format!("{region}.signin"), region, suffix)
    }

    fn find(&self, set: Option<&Url>, name: &str, region: &str) -> Result<Url, VaultError> {
        if let Some(url) = set {
            return Ok(url.clone());
        }
        let suffix = match suffix(region) {
            plain if !self.dual_stack => plain,
            "amazonaws.com.cn" => "api.amazonwebservices.com.cn",
            "amazonaws.com" => "api.aws",
            plain => plain,
        };
        if self.fips {
            url(&format!("{name}-fips"), region, suffix)
        } else {
            url(name, region, suffix)
        }
    }
}

/// What the hosts of a region end in; each partition of AWS has its own.
fn suffix(region: &str) -> &'static str {
    const PARTITIONS: [(&str, &str); 6] = [
        ("cn-", "amazonaws.com.cn"),
        ("us-iso-", "c2s.ic.gov"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk"),
        ("eusc-", "amazonaws.eu"),
    ];
    of_partition(&PARTITIONS, region).unwrap_or("amazonaws.com")
}

/// What stands beside the beginning of a region in a table.
fn of_partition(table: &[(&str, &'static str)], region: &str) -> Option<&'static str> {
    let mut rows = table.iter();
    let found = rows.find(|(start, _)| region.starts_with(start));
    found.map(|(_, suffix)| *suffix)
}

fn url(name: &str, region: &str, suffix: &str) -> Result<Url, VaultError> {
    host(&format!("{name}.{region}"), region, suffix)
}

/// The address of a host whose name begins so, with a region in it.
fn host(start: &str, region: &str, suffix: &str) -> Result<Url, VaultError> {
    let wrong = || VaultError::configuration("{} is not the name of a region").with_name(region);
    if !is_region(region) {
        return Err(wrong());
    }
    Url::parse(&format!("https://{start}.{suffix}/")).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: Service = Service {
        name: "secretsmanager",
        title: "AWS Secrets Manager",
        endpoint: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    };

    #[test]
    fn a_region_can_be_no_other_host() {
        for good in [
            "eu-central-1",
            "us-gov-west-1",
            "cn-north-1",
            "us-iso-east-1",
        ] {
            assert!(is_region(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "us",
            "us-",
            "-east-1",
            "US-east-1",
            "us.evil.example",
            "us-east-1.evil.example",
            "us-east-1/",
            "us-east-1#",
            "us-east-1@evil",
            "us-east-1:80",
            "us--1",
            "us-east-é",
            "1s-east-1",
        ] {
            assert!(!is_region(bad), "{bad}");
        }
        assert!(!is_region(&format!("us-{}", "a".repeat(40))));
    }

    #[test]
    fn each_partition_has_its_hosts() {
        for (region, fips, dual, host) in [
            (
                "eu-central-1",
                "",
                "",
                "secretsmanager.eu-central-1.amazonaws.com",
            ),
            (
                "cn-north-1",
                "",
                "",
                "secretsmanager.cn-north-1.amazonaws.com.cn",
            ),
            (
                "us-isob-east-1",
                "",
                "",
                "secretsmanager.us-isob-east-1.sc2s.sgov.gov",
            ),
            (
                "us-east-1",
                "true",
                "",
                "secretsmanager-fips.us-east-1.amazonaws.com",
            ),
            ("us-east-1", "", "true", "secretsmanager.us-east-1.api.aws"),
            (
                "us-east-1",
                "true",
                "true",
                "secretsmanager-fips.us-east-1.api.aws",
            ),
            (
                "cn-north-1",
                "",
                "1",
                "secretsmanager.cn-north-1.api.amazonwebservices.com.cn",
            ),
        ] {
            let settings = Settings::new()
                .with("AWS_USE_FIPS_ENDPOINT", fips)
                .with("AWS_USE_DUALSTACK_ENDPOINT", dual);
            let endpoints = Endpoints::from_settings(&settings, &SECRETS).unwrap();
            let url = endpoints.service(SECRETS.name, region).unwrap();
            assert_eq!(url.as_str(), format!("https://{host}/"));
        }
    }

    #[test]
    fn each_partition_has_its_hosts_for_logins_to_the_console() {
        for (region, fips, host) in [
            ("eu-central-1", "", "eu-central-1.signin.aws.amazon.com"),
            ("cn-north-1", "", "cn-north-1.signin.amazonaws.cn"),
            (
                "us-gov-east-1",
                "",
                "us-gov-east-1.signin.amazonaws-us-gov.com",
            ),
            (
                "eusc-de-east-1",
                "",
                "eusc-de-east-1.signin.amazonaws-eusc.eu",
            ),
            ("us-east-1", "true", "signin-fips.us-east-1.amazonaws.com"),
        ] {
            let settings = Settings::new().with("AWS_USE_FIPS_ENDPOINT", fips);
            let endpoints = Endpoints::from_settings(&settings, &SECRETS).unwrap();
            let url = endpoints.sign_in(region).unwrap();
            assert_eq!(url.as_str(), format!("https://{host}/"));
        }
        let endpoints = Endpoints::from_settings(&Settings::new(), &SECRETS).unwrap();
        assert!(endpoints.sign_in("evil.example/x").is_err());
    }

    #[test]
    fn the_address_of_a_service_comes_before_that_of_all() {
        let settings = Settings::new()
            .with("AWS_ENDPOINT_URL", "http://all:1")
            .with("AWS_ENDPOINT_URL_STS", "http://sts:2");
        let endpoints = Endpoints::from_settings(&settings, &SECRETS).unwrap();
        let shown = |url: Result<Url, VaultError>| url.unwrap().to_string();
        assert_eq!(
            shown(endpoints.service("secretsmanager", "x-1")),
            "http://all:1/"
        );
        assert_eq!(shown(endpoints.sts("eu-west-1")), "http://sts:2/");
        assert_eq!(shown(endpoints.sso("eu-west-1")), "http://all:1/");
        let settings = settings.with(SECRETS.endpoint, "http://own:3/x");
        let endpoints = Endpoints::from_settings(&settings, &SECRETS).unwrap();
        assert_eq!(
            shown(endpoints.service("secretsmanager", "x-1")),
            "http://own:3/x"
        );
        let wrong = Settings::new().with("AWS_ENDPOINT_URL", "https://user:pw@h");
        let error = Endpoints::from_settings(&wrong, &SECRETS).err().unwrap();
        assert_eq!(
            error.to_string(),
            "`AWS_ENDPOINT_URL` is not an http or https address"
        );
    }
}

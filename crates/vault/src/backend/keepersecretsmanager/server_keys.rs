//! The public keys of Keeper's servers: points of P-256, as base64 for URLs.
//!
//! They are those that the vendor's clients have in them (17.3.0). A server that has another one now
//! answers with its number.

/// The number of the key that is used if the configuration names none.
pub(super) const USUAL: u32 = 10;

/// The key of a number.
pub(super) fn find(number: u32) -> Option<&'static str> {
    Some(match number {
        1..=7 => {
            "BK9w6TZFxE6nFNbMfIpULCup2a8xc6w2tUTABjxny7yFmxW0dAEojwC6j6zb5nTlmb1dAx8nwo3qF7RPYGmloRM"
        }
        8 => {
            "BKnhy0obglZJK-igwthNLdknoSXRrGB-mvFRzyb_L-DKKefWjYdFD2888qN1ROczz4n3keYSfKz9Koj90Z6w_tQ"
        }
        9 => {
            "BAsPQdCpLIGXdWNLdAwx-3J5lNqUtKbaOMV56hUj8VzxE2USLHuHHuKDeno0ymJt-acxWV1xPlBfNUShhRTR77g"
        }
        10 => {
            "BNYIh_Sv03nRZUUJveE8d2mxKLIDXv654UbshaItHrCJhd6cT7pdZ_XwbdyxAOCWMkBb9AZ4t1XRCsM8-wkEBRg"
        }
        11 => {
            "BA6uNfeYSvqagwu4TOY6wFK4JyU5C200vJna0lH4PJ-SzGVXej8l9dElyQ58_ljfPs5Rq6zVVXpdDe8A7Y3WRhk"
        }
        12 => {
            "BMjTIlXfohI8TDymsHxo0DqYysCy7yZGJ80WhgOBR4QUd6LBDA6-_318a-jCGW96zxXKMm8clDTKpE8w75KG-FY"
        }
        13 => {
            "BJBDU1P1H21IwIdT2brKkPqbQR0Zl0TIHf7Bz_OO9jaNgIwydMkxt4GpBmkYoprZ_DHUGOrno2faB7pmTR7HhuI"
        }
        14 => {
            "BJFF8j-dH7pDEw_U347w2CBM6xYM8Dk5fPPAktjib-opOqzvvbsER-WDHM4ONCSBf9O_obAHzCyygxmtpktDuiE"
        }
        15 => {
            "BDKyWBvLbyZ-jMueORl3JwJnnEpCiZdN7yUvT0vOyjwpPBCDf6zfL4RWzvSkhAAFnwOni_1tQSl8dfXHbXqXsQ8"
        }
        16 => {
            "BDXyZZnrl0tc2jdC5I61JjwkjK2kr7uet9tZjt8StTiJTAQQmnVOYBgbtP08PWDbecxnHghx3kJ8QXq1XE68y8c"
        }
        17 => {
            "BFX68cb97m9_sweGdOVavFM3j5ot6gveg6xT4BtGahfGhKib-zdZyO9pwvv1cBda9ahkSzo1BQ4NVXp9qRyqVGU"
        }
        18 => {
            "BNhngQqTT1bPKxGuB6FhbPTAeNVFl8PKGGSGo5W06xWIReutm6ix6JPivqnbvkydY-1uDQTr-5e6t70G01Bb5JA"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::crypto::{Key, decode};
    use super::*;

    #[test]
    fn each_key_is_a_point_that_something_can_be_wrapped_for() {
        let found: Vec<u32> = (0..100).filter(|number| find(*number).is_some()).collect();
        assert_eq!(found, (1..=18).collect::<Vec<_>>());
        assert!(found.contains(&USUAL));
        for number in found {
            let point = decode(find(number).unwrap()).unwrap();
            assert!(Key::random().unwrap().wrap(&point).is_some(), "{number}");
        }
    }
}

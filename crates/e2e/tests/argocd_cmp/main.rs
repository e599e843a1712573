//! Argo CD's own code at both ends of its plugin protocol. Its repo-server's functions ask; its
//! `argocd-cmp-server` runs the plugins that `manifill install argocd` writes, or manifill answers
//! itself. Both pass the same tests.
#![allow(clippy::unwrap_used)]

mod applications;
mod from_avp;
mod from_avp_native;
mod lifetime;
mod memory;
mod quiet;
mod same;
mod streams;
mod vaults;
mod world;

/// Tests of each way.
macro_rules! both_ways {
    ($($file:ident::$test:ident,)*) => {
        mod classic {
            $(#[test]
            fn $test() {
                if !manifill_e2e::skip(concat!("classic ", stringify!($test))) {
                    crate::$file::$test(&crate::world::World::classic());
                }
            })*
        }

        mod native {
            $(#[test]
            fn $test() {
                if !manifill_e2e::skip(concat!("native ", stringify!($test))) {
                    crate::$file::$test(&crate::world::World::native());
                }
            })*
        }
    };
}

both_ways! {
    applications::an_application_without_a_plugin_gets_one_if_there_is_something_to_fill,
    applications::an_application_is_filled_and_the_rest_stays,
    applications::an_error_is_located_and_says_how_to_refresh,
    applications::parameters_and_variables_of_an_author_are_data,
    streams::a_deadline_ends_what_the_server_started,
    streams::a_caller_that_goes_away_leaves_nothing_behind,
    streams::a_stream_that_is_wrong_is_refused_and_the_next_one_is_not,
    streams::a_repository_of_a_hundred_megabytes_is_taken,
    streams::fifty_applications_at_once_get_each_its_own,
}

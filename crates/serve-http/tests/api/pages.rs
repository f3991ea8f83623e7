use store::Store;
use testkit::test_each_engine;

use crate::site::Site;

#[test_each_engine]
async fn every_app_answers_its_paths_with_a_strict_policy_whether_built_in_or_not(store: Store) {
    let site = Site::new(store);
    for path in ["/", "/login", "/o/first", "/setup", "/account", "/mail/inbox", "/admin", "/admin/members"] {
        let answer = site.browser().get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("script-src 'unsafe"), "{policy}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
        match answer.status {
            200 => assert!(!answer.text().contains("__CSP_NONCE__"), "{path}"),
            503 => assert!(answer.text().contains("make web"), "{path}"),
            status => panic!("{path}: {status}"),
        }
    }
    assert_eq!(site.browser().get("/wp-login.php").await.status, 404);
    assert_eq!(site.browser().get("/static/console/assets/none.js").await.status, 404);
    assert_eq!(site.browser().get("/static/../Cargo.toml").await.status, 404);
}

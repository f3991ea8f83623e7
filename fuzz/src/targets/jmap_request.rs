//! Any octets as the body of a request: it is answered, and never with a failure of the server's.

use crate::Target;
use crate::sites::Site;

pub const TARGET: Target = Target {
    name: "jmap_request",
    corpus,
    words: &[
        "ACCOUNT",
        "\"accountId\":\"ACCOUNT\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1e99",
        "\"\\ud800\"",
        "\"ids\":",
        "\"#ids\":{\"resultOf\":\"0\",\"name\":\"Email/query\",\"path\":\"/ids\"}",
        "\"path\":\"/list/*/id\"",
        "\"filter\":",
        "{\"operator\":\"AND\",\"conditions\":[",
        "\"create\":{\"k\":{",
        "\"update\":{\"",
        "\"destroy\":[",
        "\"properties\":[",
        "\"limit\":",
        "\"position\":",
        "\"anchor\":",
        "\"sort\":[{\"property\":\"",
        "\"inMailbox\":\"f1\"",
        "\"text\":\"",
        "f1",
        "f2",
        "m7",
        "m8",
        "t7",
        "B7",
        "P7-1",
        "#k",
        "$seen",
        "Email/get",
        "Email/set",
        "Email/query",
        "Email/import",
        "Email/parse",
        "Mailbox/set",
        "Mailbox/query",
        "Thread/get",
        "Blob/upload",
        "Blob/get",
        "SearchSnippet/get",
        "EmailSubmission/set",
        "PushSubscription/set",
        "Quota/get",
        "Identity/set",
    ],
    begin: || {
        let mut site = Site::new();
        Box::new(move |input| site.request(input))
    },
};

/// The methods with the arguments that clients give them.
const CALLS: &[&str] = &[
    r#"["Core/echo",{"hello":true,"high":5},"0"]"#,
    r#"["Mailbox/get",{"accountId":"ACCOUNT","ids":null},"0"]"#,
    r#"["Mailbox/changes",{"accountId":"ACCOUNT","sinceState":"1","maxChanges":5},"0"]"#,
    r#"["Mailbox/query",{"accountId":"ACCOUNT","filter":{"role":"inbox"},"sort":[{"property":"sortOrder"}],"sortAsTree":true},"0"]"#,
    r#"["Mailbox/set",{"accountId":"ACCOUNT","create":{"k":{"name":"项目","parentId":null}},"update":{"f1":{"sortOrder":5}},"destroy":["f9"],"onDestroyRemoveEmails":true},"0"]"#,
    r##"["Email/query",{"accountId":"ACCOUNT","filter":{"operator":"OR","conditions":[{"inMailbox":"f1"},{"text":"text","hasKeyword":"$seen"}]},"sort":[{"property":"receivedAt","isAscending":false}],"collapseThreads":true,"limit":10,"calculateTotal":true},"0"],["Email/get",{"accountId":"ACCOUNT","properties":["id","from","subject","bodyValues","header:To:asAddresses"],"fetchAllBodyValues":true,"#ids":{"resultOf":"0","name":"Email/query","path":"/ids"}},"1"],["Thread/get",{"accountId":"ACCOUNT","#ids":{"resultOf":"1","name":"Email/get","path":"/list/*/threadId"}},"2"]"##,
    r#"["Email/queryChanges",{"accountId":"ACCOUNT","sinceQueryState":"1","filter":{"inMailbox":"f1"}},"0"]"#,
    r##"["Email/set",{"accountId":"ACCOUNT","create":{"k":{"mailboxIds":{"f2":true},"from":[{"email":"admin@first.test"}],"subject":"你好","bodyStructure":{"type":"multipart/mixed","subParts":[{"partId":"1","type":"text/plain"}]},"bodyValues":{"1":{"value":"text"}},"keywords":{"$draft":true}}},"update":{"m7":{"keywords/$seen":true,"mailboxIds/f1":null}},"destroy":["m99","#k"]},"0"]"##,
    r#"["Email/import",{"accountId":"ACCOUNT","emails":{"k":{"blobId":"B7","mailboxIds":{"f1":true},"receivedAt":"2026-06-01T01:00:00Z"}}},"0"]"#,
    r#"["Email/parse",{"accountId":"ACCOUNT","blobIds":["B7","P7-1"],"properties":["subject","textBody"],"fetchTextBodyValues":true},"0"]"#,
    r#"["SearchSnippet/get",{"accountId":"ACCOUNT","filter":{"text":"text"},"emailIds":["m7"]},"0"]"#,
    r##"["Blob/upload",{"accountId":"ACCOUNT","create":{"k":{"data":[{"data:asText":"text"},{"data:asBase64":"dGV4dA=="},{"blobId":"B7","offset":1,"length":5}],"type":"text/plain"}}},"0"],["Blob/get",{"accountId":"ACCOUNT","ids":["#k","B7"],"properties":["data:asText","digest:sha-256","size"],"offset":1,"length":3},"1"],["Blob/lookup",{"accountId":"ACCOUNT","ids":["B7"],"typeNames":["Email","Thread"]},"2"]"##,
    r#"["Identity/get",{"accountId":"ACCOUNT","ids":null},"0"],["Identity/set",{"accountId":"ACCOUNT","create":{"k":{"email":"admin@first.test","name":"王芳","replyTo":[{"email":"a@first.test"}]}}},"1"]"#,
    r##"["EmailSubmission/set",{"accountId":"ACCOUNT","create":{"k":{"identityId":"eid_1","emailId":"m7","envelope":{"mailFrom":{"email":"admin@first.test","parameters":{"HOLDFOR":"60"}},"rcptTo":[{"email":"admin@first.test"}]}}},"onSuccessUpdateEmail":{"#k":{"keywords/$draft":null}}},"0"],["EmailSubmission/query",{"accountId":"ACCOUNT","filter":{"undoStatus":"pending"}},"1"]"##,
    r#"["Quota/query",{"accountId":"ACCOUNT","filter":{"operator":"NOT","conditions":[{"name":"x"}]}},"0"],["Quota/get",{"accountId":"ACCOUNT","ids":["mail"]},"1"]"#,
    r#"["PushSubscription/set",{"create":{"k":{"deviceClientId":"a","url":"https://push.example.net/x","keys":{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"},"types":["Email"],"expires":"2099-01-01T00:00:00Z"}}},"0"],["PushSubscription/get",{"ids":null},"1"]"#,
];

fn corpus() -> Vec<Vec<u8>> {
    let using = r#"["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail","urn:ietf:params:jmap:submission","urn:ietf:params:jmap:blob","urn:ietf:params:jmap:quota"]"#;
    CALLS.iter().map(|calls| format!(r#"{{"using":{using},"methodCalls":[{calls}],"createdIds":{{}}}}"#).into_bytes()).collect()
}

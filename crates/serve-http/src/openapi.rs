//! The API's own description.

use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::error::Problem;

/// The bytes of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct File(#[allow(dead_code, reason = "only its schema is used")] Vec<u8>);

/// Operations that nobody needs to be signed in for.
const OPEN: &[&str] = &["getEntry", "getSetup", "setUpOrganisation", "getSignInPage", "checkPassword", "signIn", "signInToConsole"];

/// Answers `/api/v1/openapi.json`.
pub async fn serve() -> impl axum::response::IntoResponse {
    static DOCUMENT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    ([(http::header::CONTENT_TYPE, "application/json")], DOCUMENT.get_or_init(document).as_str())
}

/// The description of the whole API as committed in `openapi.json`, with a line end.
pub fn document() -> String {
    let mut value = serde_json::to_value(describe()).expect("a description is made of maps, lists and strings");
    drop_defaults(&mut value);
    name_items(&mut value);
    let mut text = serde_json::to_string_pretty(&value).expect("a JSON value always serialises");
    text.push('\n');
    text
}

/// Generators of clients take a field with a default for one that is always there, which requests need not do.
fn drop_defaults(value: &mut Value) {
    match value {
        Value::Object(object) => {
            // A response called "default" is an object; only the default values of schemas are not.
            if object.get("default").is_some_and(|default| !default.is_object()) {
                object.remove("default");
            }
            object.values_mut().for_each(drop_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_defaults),
        _ => {}
    }
}

/// Makes the items of every list a reference to their schema, which generics would repeat in full.
fn name_items(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    for (name, schema) in schemas.iter_mut() {
        if let (Some(item), Some(items)) = (name.strip_prefix("List_"), schema.pointer_mut("/properties/items/items")) {
            *items = serde_json::json!({ "$ref": format!("#/components/schemas/{item}") });
        }
    }
}

fn describe() -> OpenApi {
    let (_, mut api) = crate::routes::api_routes().split_for_parts();
    api.info.title = "Yanshu".to_owned();
    api.info.version = "1".to_owned();
    api.info.description = Some(
        "Errors are problem+json (RFC 9457) with `code`, `params` and `fields`. Ids are opaque strings, times RFC 3339 in UTC, days \
         `YYYY-MM-DD`. Requests that change something carry the session's `csrf_token` as `X-CSRF-Token`."
            .to_owned(),
    );
    api.info.license = None;
    let components = api.components.get_or_insert_default();
    components.schemas.insert("Problem".to_owned(), Problem::schema());
    let mut nested = Vec::new();
    Problem::schemas(&mut nested);
    components.schemas.extend(nested);
    for (scheme, cookie) in [("account", "yanshu_session"), ("console", "yanshu_admin")] {
        let key = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie)));
        components.security_schemes.insert(scheme.to_owned(), key);
    }
    for (path, item) in &mut api.paths.paths {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            complete(path, operation);
        }
    }
    api
}

fn complete(path: &str, operation: &mut Operation) {
    let problem = ResponseBuilder::new()
        .description("What went wrong")
        .content("application/problem+json", ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build())
        .build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(problem));
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            "Done".clone_into(&mut response.description);
        }
    }
    let open = operation.operation_id.as_deref().is_some_and(|id| OPEN.contains(&id));
    let scheme = if path.starts_with("/api/v1/admin/") { "console" } else { "account" };
    let required = if open { Vec::new() } else { vec![SecurityRequirement::new(scheme, Vec::<String>::new())] };
    operation.security = Some(required);
}

//! `POST /jmap`: calls in, answers out (RFC 8620 §3).

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value};

use super::caller::JmapCaller;
use super::problem::RequestProblem;
use super::references::{self, Answer};
use super::request::{Invocation, Request};
use super::room::TooLong;
use super::work::Work;
use super::{error::MethodError, json as i_json, limits, methods, session};
use crate::app::AppState;

pub async fn call_methods(State(app): State<AppState>, caller: JmapCaller, headers: HeaderMap, body: Body) -> Response {
    let Some(_place) = app.jmap.requests.take(caller.member_id) else {
        return RequestProblem::Limit("maxConcurrentRequests").into_response();
    };
    let held = match app.jmap.request_room.read(&headers, body, limits::MAX_SIZE_REQUEST).await {
        Ok(Some(held)) if is_json(&headers) => held,
        Ok(_) => return RequestProblem::NotJson.into_response(),
        Err(TooLong) => return RequestProblem::Limit("maxSizeRequest").into_response(),
    };
    let value = match i_json::read(&held.bytes) {
        Ok(value) => value,
        Err(unreadable) => return RequestProblem::from(unreadable).into_response(),
    };
    // The room is kept until the answer is there: what was read of the bytes takes more than they did.
    let _room = held.into_room();
    match Request::of(value) {
        Ok(request) => {
            let mut response = axum::Json(answer(&app, &caller, request).await).into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(problem) => problem.into_response(),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).and_then(|value| value.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// One call after the other; what one fails with does not keep the next from being made.
pub async fn answer(app: &AppState, caller: &JmapCaller, request: Request) -> Value {
    let mut work = Work { app, caller, created: request.created_ids.clone().unwrap_or_default(), more: Vec::new() };
    let mut answers: Vec<Answer> = Vec::with_capacity(request.calls.len());
    let mut referred = limits::MAX_REFERRED_BYTES;
    let mut room = limits::MAX_ANSWER_BYTES;
    for Invocation { name, arguments, call_id } in request.calls {
        let result = match references::resolve(arguments, &answers, &mut referred) {
            Ok(arguments) => methods::call(&mut work, &request.using, &name, arguments).await,
            Err(error) => Err(error),
        };
        let result = result.and_then(|body| match room.checked_sub(references::weight_of(&body)) {
            Some(left) => {
                room = left;
                Ok(body)
            }
            None => Err(MethodError::RequestTooLarge),
        });
        let more = std::mem::take(&mut work.more);
        match result {
            Ok(body) => answers.push(Answer { name, body, call_id: call_id.clone() }),
            Err(error) => answers.push(Answer { name: "error".to_owned(), body: error.into_json(), call_id: call_id.clone() }),
        }
        answers.extend(more.into_iter().map(|(name, body)| Answer { name: name.to_owned(), body, call_id: call_id.clone() }));
    }
    let mut response = Map::new();
    let invocation = |answer: Answer| Value::Array(vec![answer.name.into(), answer.body, answer.call_id.into()]);
    response.insert("methodResponses".to_owned(), answers.into_iter().map(invocation).collect());
    response.insert("sessionState".to_owned(), session::state_of(app, caller).into());
    if request.created_ids.is_some() {
        response.insert("createdIds".to_owned(), work.created.into_iter().map(|(creation, id)| (creation, Value::String(id))).collect());
    }
    Value::Object(response)
}

//! Which handler answers which path of the API.

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use crate::app::AppState;
use crate::{
    account, administrators, audit, autoconfig, client_passwords, console_session, departments, directory_pages, domains, entry, events,
    exports, health, imports, jmap, jobs, members, observe, openapi, organisation, overview, pages, password_check, queue,
    removed_messages, service_classes, session, setup, sign_in_pages,
};

/// What a request may weigh unless its route says otherwise.
const BODY_BYTES: usize = 64 * 1024;
/// Five thousand ids.
const BATCH_BODY_BYTES: usize = 256 * 1024;
const UPLOAD_BODY_BYTES: usize = lifecycle::sheets::MAX_FILE_BYTES + imports::FORM_BYTES;

/// Every operation of the API.
pub fn api_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(entry::get_entry))
        .routes(routes!(setup::get_setup, setup::set_up_organisation))
        .routes(routes!(sign_in_pages::get_sign_in_page))
        .routes(routes!(password_check::check_password))
        .merge(account_routes())
        .merge(organisation_routes())
        .merge(member_routes())
        .merge(work_routes())
}

/// The whole service: API, pages, assets and what watches the server.
pub fn router(app: AppState) -> Router {
    let (api, _) = api_routes().split_for_parts();
    api.merge(jmap::routes())
        .route("/api/v1/openapi.json", get(openapi::serve))
        .route(autoconfig::PATHS[0], get(autoconfig::get_autoconfig))
        .route(autoconfig::PATHS[1], get(autoconfig::get_autoconfig))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/static/{*path}", get(pages::serve_asset))
        .fallback(pages::serve_page)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

fn account_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(session::sign_in, session::get_session, session::sign_out))
        .routes(routes!(session::choose_first_password))
        .routes(routes!(account::get_account, account::update_account))
        .routes(routes!(account::change_password))
        .routes(routes!(account::list_sessions))
        .routes(routes!(account::revoke_session))
        .routes(routes!(account::revoke_other_sessions))
        .routes(routes!(directory_pages::list_directory_departments))
        .routes(routes!(directory_pages::list_directory_members))
        .routes(routes!(client_passwords::list_client_passwords, client_passwords::create_client_password))
        .routes(routes!(client_passwords::revoke_client_password))
        .routes(routes!(client_passwords::get_client_settings))
        .routes(routes!(removed_messages::list_removed_messages))
        .routes(routes!(removed_messages::restore_removed_messages))
        .routes(routes!(removed_messages::forget_removed_messages))
}

fn organisation_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(console_session::sign_in_to_console, console_session::get_console_session, console_session::sign_out_of_console))
        .routes(routes!(console_session::choose_first_console_password))
        .routes(routes!(overview::get_overview))
        .routes(routes!(organisation::get_organisation, organisation::update_organisation))
        .routes(routes!(domains::list_domains, domains::add_domain))
        .routes(routes!(domains::get_domain, domains::remove_domain))
        .routes(routes!(domains::check_domain))
        .routes(routes!(domains::make_domain_default))
        .routes(routes!(departments::list_departments, departments::create_department))
        .routes(routes!(departments::update_department, departments::remove_department))
        .routes(routes!(departments::move_department))
        .routes(routes!(departments::set_department_leaders))
        .routes(routes!(service_classes::list_service_classes, service_classes::add_service_class))
        .routes(routes!(service_classes::update_service_class, service_classes::remove_service_class))
        .routes(routes!(administrators::list_administrators))
        .routes(routes!(administrators::grant_administrator, administrators::revoke_administrator))
        .routes(routes!(audit::list_audit_events))
        .routes(routes!(audit::verify_audit))
}

fn member_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(members::list::list_members, members::create_member))
        .routes(routes!(members::batch::change_members).layer(DefaultBodyLimit::max(BATCH_BODY_BYTES)))
        .routes(routes!(members::get_member, members::update_member))
        .routes(routes!(members::set_member_departments))
        .routes(routes!(members::states::suspend_member))
        .routes(routes!(members::states::resume_member))
        .routes(routes!(members::states::lock_member))
        .routes(routes!(members::states::unlock_member))
        .routes(routes!(members::states::recycle_member))
        .routes(routes!(members::states::restore_member))
        .routes(routes!(members::states::reset_member_password))
        .routes(routes!(removed_messages::restore_member_mail))
        .routes(routes!(members::aliases::list_member_aliases, members::aliases::add_member_alias))
        .routes(routes!(members::aliases::remove_member_alias))
}

fn work_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(imports::create_import, imports::list_imports).layer(DefaultBodyLimit::max(UPLOAD_BODY_BYTES)))
        .routes(routes!(imports::get_import))
        .routes(routes!(imports::apply_import))
        .routes(routes!(imports::cancel_import))
        .routes(routes!(imports::undo_import))
        .routes(routes!(imports::rows::list_import_rows))
        .routes(routes!(imports::rows::update_import_row))
        .routes(routes!(imports::files::get_wrong_rows))
        .routes(routes!(imports::files::fetch_initial_passwords))
        .routes(routes!(imports::files::get_import_template))
        .routes(routes!(exports::start_export))
        .routes(routes!(exports::get_export_file))
        .routes(routes!(queue::list_queue_messages))
        .routes(routes!(queue::get_queue_message, queue::remove_queue_message))
        .routes(routes!(queue::retry_queue_message))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::get_job))
        .routes(routes!(jobs::cancel_job))
        .routes(routes!(events::stream_events))
}

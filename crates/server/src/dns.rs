//! DNS, as the machine's own configuration reaches it.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RData;
use serve_http::{DnsUnavailable, LookUpTxt};

/// Asks the name servers of `/etc/resolv.conf`, which is read at the first question.
#[derive(Default)]
pub struct Resolver {
    resolver: Arc<OnceLock<TokioResolver>>,
}

impl Resolver {
    pub fn system() -> Self {
        Self::default()
    }
}

impl LookUpTxt for Resolver {
    fn look_up_txt(&self, name: String) -> Pin<Box<dyn Future<Output = Result<Vec<String>, DnsUnavailable>> + Send>> {
        let cell = Arc::clone(&self.resolver);
        Box::pin(async move {
            let unavailable = |error: hickory_resolver::net::NetError| DnsUnavailable(error.to_string());
            let resolver = match cell.get() {
                Some(resolver) => resolver,
                None => {
                    let made = TokioResolver::builder_tokio().and_then(|builder| builder.build()).map_err(unavailable)?;
                    cell.get_or_init(|| made)
                }
            };
            // A trailing dot keeps the search domains of the machine out of it.
            match resolver.txt_lookup(format!("{}.", name.trim_end_matches('.'))).await {
                Ok(found) => {
                    let texts = found.answers().iter().filter_map(|record| match &record.data {
                        RData::TXT(text) => Some(text.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect()),
                        _ => None,
                    });
                    Ok(texts.collect())
                }
                Err(error) if error.is_nx_domain() || error.is_no_records_found() => Ok(Vec::new()),
                Err(error) => Err(unavailable(error)),
            }
        })
    }
}

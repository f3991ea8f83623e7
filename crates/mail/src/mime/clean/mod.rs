//! HTML of strangers -> HTML that may be shown: nothing in it runs, asks for anything on the network, or leaves its place on the page.
//!
//! Two readers that know nothing of each other. [`normalise`] is ours: it reads loosely, writes strictly (every tag closed in order, every value
//! quoted, only elements and attributes of [`policy`]), rewrites links and pictures, and bounds depth and number of tags, which a parser that follows
//! the standard does not (some hundred kilobytes of unclosed `<font>` cost it gigabytes). What it wrote then goes through ammonia with the same
//! allow list, so that a slip of ours still meets a parser that reads as browsers do. Neither lets any element through whose content is not
//! ordinary HTML (no script, style, svg, math, noscript, textarea …), so that reading again cannot give other tags than writing did.
//!
//! Style sheets are dropped, style attributes kept ([`css`]). The page adds a sandbox and a content security policy of its own.

mod css;
mod judge;
mod normalise;
mod policy;
mod urls;

/// Longer HTML is cut; what is shown says so by its end.
const MAX_HTML: usize = 4 * 1024 * 1024;

/// Whether pictures are asked for from other servers, which tells them that the mail was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemotePictures {
    /// They become `<img data-remote-src="…">`; backgrounds go.
    Hold,
    Allow,
}

pub struct CleanOptions<'a> {
    pub remote_pictures: RemotePictures,
    /// Where the part with this content id is served; without an answer the picture goes.
    pub cid: &'a dyn Fn(&str) -> Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanHtml {
    /// To be put into a body; not a whole document.
    pub html: String,
    /// How many pictures of other servers were held back.
    pub held_back: usize,
    /// Content ids the text shows, each once: those parts are no attachments to be listed.
    pub cids: Vec<String>,
}

pub fn clean_html(html: &str, options: &CleanOptions<'_>) -> CleanHtml {
    let html = &html[..html.floor_char_boundary(MAX_HTML)];
    let mut rewriter = urls::Rewriter::new(options);
    let normal = normalise::normalise(html, &mut rewriter);
    CleanHtml { html: judge::judge(&normal), held_back: rewriter.held_back, cids: rewriter.cids }
}

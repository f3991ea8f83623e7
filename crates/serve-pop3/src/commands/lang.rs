//! LANG. RFC 6856 §3

use crate::errors::Refusal;
use crate::session::{Answer, Done, Session};
use crate::texts::{self, Language};

pub(crate) fn lang(session: &mut Session, tag: Option<&str>) -> Answer {
    let Some(tag) = tag else {
        session.say_ok(texts::LANGUAGES);
        Language::ALL.iter().for_each(|language| session.say_line(&[language.tag(), " ", language.name()]));
        session.say_line(&["."]);
        return Ok(Done::Said);
    };
    let Some(language) = Language::of_tag(tag) else { return Err(Refusal::plain(texts::NO_SUCH_LANGUAGE).into()) };
    session.language = language;
    session.say_line(&["+OK ", language.tag(), " ", texts::LANGUAGE_CHOSEN.in_language(language)]);
    Ok(Done::Said)
}

//! The order of texts.

use unicode_normalization::UnicodeNormalization;

/// What two texts are compared by, octet by octet: as i;unicode-casemap (RFC 5051) orders them, which SORT asks for, with full-width and half-width
/// forms as one. Letters with accents stand beside those without; Chinese characters in the order of Unicode, which is that of radicals and strokes.
pub fn collate(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_ascii_uppercase();
    }
    kernel::fold(text).to_uppercase().nfd().collect()
}

#[cfg(test)]
mod tests {
    use super::collate;

    #[test]
    fn case_width_and_composition_make_no_difference() {
        for (one, other) in [("Hello", "hELLO"), ("ＡＢＣ１２", "abc12"), ("Cafe\u{301}", "CAFÉ"), ("ｱｲｳ", "アイウ"), ("straße", "STRASSE")]
        {
            assert_eq!(collate(one), collate(other), "{one}");
        }
    }

    #[test]
    fn texts_stand_in_the_order_people_look_for_them() {
        let mut texts = ["会议纪要", "Zoo", "éclair", "apple", "Ｂａｎａｎａ", "eclipse", "周报", "", "fig"];
        texts.sort_by_key(|text| collate(text));
        assert_eq!(texts, ["", "apple", "Ｂａｎａｎａ", "eclipse", "éclair", "fig", "Zoo", "会议纪要", "周报"]);
    }
}

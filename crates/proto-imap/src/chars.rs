//! The character classes of the grammar. RFC 9051 §9

/// `CTL`: C0 controls and DEL.
pub(crate) const fn is_ctl(byte: u8) -> bool {
    byte < 0x20 || byte == 0x7f
}

/// `ATOM-CHAR`: seven-bit, without `( ) { SP CTL % * " \ ]`.
pub(crate) const fn is_atom_char(byte: u8) -> bool {
    byte < 0x80 && !is_ctl(byte) && !matches!(byte, b'(' | b')' | b'{' | b' ' | b'%' | b'*' | b'"' | b'\\' | b']')
}

/// `ASTRING-CHAR = ATOM-CHAR / resp-specials`
pub(crate) const fn is_astring_char(byte: u8) -> bool {
    is_atom_char(byte) || byte == b']'
}

/// `list-char = ATOM-CHAR / list-wildcards / resp-specials`
pub(crate) const fn is_list_char(byte: u8) -> bool {
    is_astring_char(byte) || byte == b'%' || byte == b'*'
}

/// `tag = 1*<any ASTRING-CHAR except "+">`
pub(crate) const fn is_tag_char(byte: u8) -> bool {
    is_astring_char(byte) && byte != b'+'
}

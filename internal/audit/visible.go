package audit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ascii reports whether all of s is ASCII that is seen.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// hidden reports whether r does something to a text instead of being seen in it: controls, line and paragraph
// separators, and format characters, such as those that turn the direction of the text around.
func hidden(r rune) bool {
	return r < ' ' || r >= 0x7f && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
}

// Visible writes every hidden character of s as \u and its four hex digits.
func Visible(s string) string {
	if ascii(s) || strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	return string(appendEscaped(make([]byte, 0, len(s)+16), s))
}

// EscapeJSON does the same to JSON. A hidden character can only stand inside a string there, and reads the same
// afterwards.
func EscapeJSON(data []byte) []byte {
	s := string(data)
	if ascii(s) || strings.IndexFunc(s, hidden) < 0 {
		return data
	}
	return appendEscaped(make([]byte, 0, len(s)+16), s)
}

func appendEscaped(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case !hidden(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff: // as JSON writes what lies beyond: two halves
			r -= 0x10000
			b = fmt.Appendf(b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return b
}

package audit

import (
	"strings"
	"testing"
)

// Every byte has its class, and is plain in a cell only where no spreadsheet makes anything of it.
func TestClassesOfBytes(t *testing.T) {
	t.Parallel()
	const small, capitals, digits = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	for n := range 256 {
		b := byte(n)
		want, in := byte(0), func(set string) bool { return strings.IndexByte(set, b) >= 0 }
		switch {
		case in(small):
			want = 'a'
		case in(capitals):
			want = 'A'
		case in(digits):
			want = '0'
		}
		if got := class(b); got != want {
			t.Errorf("class of %q: %q, want %q", b, got, want)
		}
		if got := ofToken(b); got != (want != 0 || in("-_+/=~")) {
			t.Errorf("%q is of a token: %t", b, got)
		}
		if got := isHex(b); got != in(digits+"abcdefABCDEF") {
			t.Errorf("%q is hexadecimal: %t", b, got)
		}
		text := string([]byte{b})
		if got := plain(text); got != (want != 0) {
			t.Errorf("a cell that is %q is plain: %t", text, got)
		}
		if got := plain("x" + text); got != (b >= 0x20 && b < 0x7f && !in(",;|")) {
			t.Errorf("a cell with %q is plain: %t", text, got)
		}
	}
}

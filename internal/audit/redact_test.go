package audit

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// token86 is a made-up token of the platform's length.
const token86 = "hJ3kQ-x9_Zb7vN2mPq8rT4sWc6yL1dFgHu5iKoEaBtXnMzVjRpCq0wSeYlDfGhJkTnBvCxZaQwErTyUiOp12"

// letters86 is the same of letters alone.
const letters86 = "kemubcrdlsbqgbcnnchcrnbsdhuusbssmbhbrejnerdsjrvfdssugldrwcsbtgpvrnykosoljhzfwyhcsjqpkx"

// broken breaks s every n characters with what stands between.
func broken(s string, n int, between string) string {
	var parts []string
	for len(s) > n {
		parts, s = append(parts, s[:n]), s[n:]
	}
	return strings.Join(append(parts, s), between)
}

func TestATokenInATextIsRemoved(t *testing.T) {
	t.Parallel()
	const small = "k3j9x0a8s7d2f4g6h1q5w8e3r7t9y2u4i6o0p1z5xcv7bn3ma8sd2fg9hj4kl6qw1er5ty0ui8op3as7df"
	test := func(name, token string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{token, "Found it: " + token + ".", "see the chat from Tuesday " + token + " please revoke"} {
				got := Redact(text)
				if !strings.Contains(got, removed) {
					t.Errorf("%q stays", got)
				}
				if rest := tokenLeft(token, got); rest != "" {
					t.Errorf("%q still has %q of it", got, rest)
				}
			}
		})
	}
	for name, token := range map[string]string{
		"as it is":                      token86,
		"broken by a space":             broken(token86, 50, " "),
		"broken by spaces":              broken(token86, 8, " "),
		"broken into fours":             broken(token86, 4, " "),
		"broken by a line end":          broken(token86, 43, "\n"),
		"broken by CR LF and spaces":    broken(token86, 20, "\r\n    "),
		"broken by tabs":                broken(token86, 10, "\t"),
		"broken by zero-width spaces":   broken(token86, 10, "\u200b"),
		"broken by no-break spaces":     broken(token86, 10, "\u00a0"),
		"broken by soft hyphens":        broken(token86, 12, "\u00ad"),
		"broken by a shell":             broken(token86, 30, "\\\n"),
		"quoted in a mail":              broken(token86, 30, "\n> "),
		"small letters and digits":      small,
		"small letters, digits, spaces": broken(small, 10, " "),
		"hexadecimal":                   strings.Repeat("3fa9c07be1", 7),
		"hexadecimal in fours":          broken(strings.Repeat("3fa9c07be1", 7), 4, " "),
		"forty characters":              token86[:40],
		"after Bearer":                  "Bearer:" + token86,
		"in a URL":                      "?access_token=" + token86,
		"capitals":                      strings.ToUpper(token86),
		"capitals, no digit":            strings.ToUpper(letters86),
		"capitals, line ends":           broken(strings.ToUpper(token86), 20, "\r\n"),
		"small letters":                 strings.ToLower(token86),
		"small letters, no digit":       letters86,
		"small letters, lines":          broken(letters86, 20, "\n"),
	} {
		test(name, token)
	}
	for _, between := range []string{",", ", ", ".", ":", ";", "&", "*", "#", "%20", "·", "<br>", "<br/>\n", "…", "!", " | ", "@", "{}"} {
		for _, n := range []int{8, 20, 43} {
			test(fmt.Sprintf("broken by %q every %d", between, n), broken(token86, n, between))
		}
	}
}

// tokenLeft is a stretch of a dozen characters of a token that a redacted text still has, whatever breaks it.
func tokenLeft(token, redacted string) string {
	compact, left := squeeze(token), squeeze(redacted)
	for i := 0; i+12 <= len(compact); i++ {
		if strings.Contains(left, compact[i:i+12]) {
			return compact[i : i+12]
		}
	}
	return ""
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 127 || !ofToken(byte(r)) {
			return -1
		}
		return r
	}, s)
}

func TestWhatIsNoTokenStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"",
		"phone lost on the train between Galway and Dublin, please revoke everything at once",
		"user 6b1f4d1e-0000-4000-8000-000000000001 and 7c2a9d3e-1111-4222-9333-abcdefabcdef left the company",
		"id=6b1f4d1e-3c4d-4000-8000-0a1b2c3d4e5f&other=7c2a9d3e-1111-4222-9333-abcdefabcdef",
		"https://wiki.example.com/how-to-handle-lost-phones-in-the-support-team",
		"https://acme.atlassian.net/browse/SEC-1234, INC0012345, CHG0045678 and REQ0099887",
		"2x iPhone12 and 3x Galaxy S21 from the 1st floor, reported on 2026-03-01 at 09:15 by the 2nd shift",
		"Donaudampfschifffahrtsgesellschaftskapitaensmuetzenhalterung",
		"laptops LT12AB34 LT98ZX11 PC77QQ08 LT12AB35 LT98ZX12 PC77QQ09 LT12AB36",
		"JavaScript, PowerPoint, OneDrive, GitHub and iPhone on macOS: WiFi of the LinkedIn team",
		"DE44 5001 0517 5407 3249 31 and +353 1 234 5678 and 192.168.100.200 and 10.20.30.40",
		"日本語の理由、トークンではない", "ünïcödé prose with umlauts äöü and more of them after that, surely over forty",
		"the fingerprint 9f86d081 was seen twice",
		"LT12AB34, LT98ZX11, PC77QQ08 and LT12AB35; LT98ZX12, PC77QQ09 and LT12AB36; LT98ZX13, PC77QQ10 and LT12AB37 were stolen",
		"maria.o-connor@support.example.com, jan.kowalczyk+agents@contact-centre.example.org; xavier.quigley@example.co.uk",
		"https://apps.mypurecloud.ie/directory/#/engage/admin/agentmanagement/usermanagement?query=keller&page=2#results",
		"tickets SEC-1234, SEC-1235; HR-77; INC0012345 · CHG0045678 · REQ0099887 · TASK0012399 · RITM0045671 · PRB0040112",
		"cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd cd",
		"PLEASE REVOKE EVERYTHING AT ONCE, THE LAPTOP WAS STOLEN FROM THE OFFICE IN GALWAY ON FRIDAY NIGHT",
		"the SSO, SAML, OAuth, CRM, SLA, IVR, ACD, WFM, API, HTTP, TLS, DNS, VPN, MFA and LDAP set-up of the CTI and PBX team",
		"Bitte alle Sitzungen von Frau Szczepańska beenden: Arbeitsverhältnis endet, Rückgabe des Gerätes bestätigt",
		"Níl an fón aici níos mó, goideadh é ar an mbus go Corcaigh; cuir deireadh le gach seisiún dá cuid",
		"Prosimy o natychmiastowe odwołanie wszystkich sesji pracownika, który odszedł z przedsiębiorstwa w Szczecinie",
		"a\r\nb\r\nc", "------------------------------------------------------------", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if got := Redact(text); got != text {
				t.Errorf("became %q", got)
			}
		})
	}
}

// No line of what people wrote about this program is taken for a token.
func TestProseStays(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, name := range append(files, "../../README.md") {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for paragraph := range strings.SplitSeq(string(content), "\n\n") {
			if got := Redact(paragraph); got != paragraph {
				t.Errorf("%s: became %q", name, got)
			}
		}
	}
}

// Random tokens of every alphabet, length and break must go: what is left of them is too little to be of use. The seed is
// fixed, so that a failure can be seen again.
func TestRandomTokensAreRemoved(t *testing.T) {
	t.Parallel()
	const tokens = 3000
	breaks := []string{" ", "\n", "\r\n", "\u200b", ",", ". ", ":", ";", "&", "*", "#", "%20", "·", "<br>"}
	for name, of := range map[string]struct {
		alphabet string
		shortest int
	}{
		"base64url":           {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 43},
		"lower case, numbers": {"abcdefghijklmnopqrstuvwxyz0123456789", 64},
		"hex":                 {"0123456789abcdef", 64},
		"lower case":          {"abcdefghijklmnopqrstuvwxyz", 86},
		"capitals":            {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 86},
		"capitals, numbers":   {"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", 86},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			var left []string
			for range tokens {
				token := make([]byte, of.shortest+random.IntN(60))
				for i := range token {
					token[i] = of.alphabet[random.IntN(len(of.alphabet))]
				}
				text := broken(string(token), 8+random.IntN(100), breaks[random.IntN(len(breaks))])
				got := Redact("it was " + text + " in the chat")
				if len(squeeze(strings.ReplaceAll(got, removed, ""))) > len(squeeze("it was in the chat"))+30 {
					left = append(left, text)
				}
			}
			if len(left) > 0 {
				t.Errorf("%d of %d are left: %q", len(left), tokens, left)
			}
		})
	}
}

// spelled writes each character of s in another way.
func spelled(s string, other func(r rune) string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(other(r))
	}
	return b.String()
}

// spellings are ways to write a character that is then read as the same one.
var spellings = map[string]func(r rune) string{
	"full width":                 func(r rune) string { return string(r - 0x20 + 0xff00) },
	"full width here and there":  func(r rune) string { return string(r + (0xff00-0x20)*(r&1)) },
	"mathematical letters":       func(r rune) string { return mathematical(r) },
	"percent-encoded":            func(r rune) string { return fmt.Sprintf("%%%02X", r) },
	"percent-encoded, small":     func(r rune) string { return fmt.Sprintf("%%%02x", r) },
	"percent-encoded twice":      func(r rune) string { return fmt.Sprintf("%%25%02x", r) },
	"entities":                   func(r rune) string { return fmt.Sprintf("&#%d;", r) },
	"hexadecimal entities":       func(r rune) string { return fmt.Sprintf("&#x%x;", r) },
	"as in JSON":                 func(r rune) string { return fmt.Sprintf(`\u%04x`, r) },
	"as in programs":             func(r rune) string { return fmt.Sprintf(`\x%02x`, r) },
	"zero-width spaces":          func(r rune) string { return string(r) + "\u200b" },
	"joiners":                    func(r rune) string { return "\u2060" + string(r) + "\u200d" },
	"soft hyphens":               func(r rune) string { return string(r) + "\u00ad" },
	"byte order marks":           func(r rune) string { return string(r) + "\ufeff" },
	"struck through":             func(r rune) string { return string(r) + "\u0336" },
	"blank letters":              func(r rune) string { return string(r) + "\u3164" },
	"spaces":                     func(r rune) string { return string(r) + " " },
	"no-break spaces":            func(r rune) string { return string(r) + "\u00a0" },
	"lines":                      func(r rune) string { return string(r) + "\n" },
	"dots":                       func(r rune) string { return string(r) + "·" },
	"full width and spaces":      func(r rune) string { return string(r-0x20+0xff00) + "\u3000" },
	"percent-encoded, spaces":    func(r rune) string { return fmt.Sprintf("%%%02x%%20", r) },
	"invisible and then a space": func(r rune) string { return string(r) + "\u200b \u200b" },
}

// mathematical is a letter or a digit in bold.
func mathematical(r rune) string {
	switch {
	case r >= 'a' && r <= 'z':
		r += 0x1d41a - 'a'
	case r >= 'A' && r <= 'Z':
		r += 0x1d400 - 'A'
	case r >= '0' && r <= '9':
		r += 0x1d7ce - '0'
	}
	return string(r)
}

// A token is removed however its characters are spelled, and the words around it stay.
func TestATokenSpelledOtherwiseIsRemoved(t *testing.T) {
	t.Parallel()
	small := strings.Repeat("k3j9x0a8s7d2f4g6h1q5w8e3r7t9y2u4i6o0p1z5", 2)
	for name, other := range spellings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, token := range []string{token86, small, token86[:40]} {
				for _, scheme := range []string{"", "Bearer ", "ＢＥＡＲＥＲ ", "b e a r e r : ", "bearer%20", "Authorization:Bearer\u00a0"} {
					text := "see the chat from Tuesday: " + scheme + spelled(token, other) + ". Please revoke."
					got := Redact(text)
					if !strings.HasPrefix(got, "see the chat from Tuesday: ") || !strings.Contains(got, removed) || !strings.HasSuffix(got, " Please revoke.") {
						t.Errorf("%q became %q", text, got)
					}
					if rest := []rune(strings.TrimSuffix(got, " Please revoke.")); len(rest) > 27+len(scheme)+len(removed)+8 {
						t.Errorf("%q is left of %q", got, text)
					}
				}
			}
		})
	}
}

// How much of a token is needed to be taken for one, what belongs to it, and what beside it stays.
func TestWhatIsTakenForAToken(t *testing.T) {
	t.Parallel()
	const small = "k3j9x0a8s7d2f4g6h1q5w8e3r7t9y2u4i6o0"
	eights := broken(small[:32], 8, " ")
	capitals := strings.ToUpper(letters86)
	for text, want := range map[string]string{
		token86[:36]:                    removed,
		token86[:35]:                    token86[:35],
		capitals[:48]:                   removed,
		capitals[:47]:                   capitals[:47],
		broken(capitals[:48], 6, " "):   removed,
		broken(capitals[:47], 6, " "):   broken(capitals[:47], 6, " "),
		"security " + eights + " is it": removed + " is it", // a piece as long as the others, though a word
		"it is " + eights + " security": "it is " + removed,
		"see: " + broken(token86, 8, " ") + ". Please revoke.": "see: " + removed + ". Please revoke.",
		"headquarters " + small:                                "headquarters " + removed, // a long word
		"hotdogvendor " + small:                                removed,                   // one that hardly is
		"found " + spelled(token86, spellings["entities"]):     "found " + removed,
		"found " + spelled(token86, spellings["full width"]):   "found " + removed,
		// Numbers of an inventory: all built alike, half of them, and fewer.
		"LT12AB LT98ZX PC77QQ LT12AC LT98ZY PC77QR LT12AD LT98ZW": "LT12AB LT98ZX PC77QQ LT12AC LT98ZY PC77QR LT12AD LT98ZW",
		"LT12AB QX98ZX 12KM77 45ZT98 Q7Z3X9 7Q3Z9X Q77ZX3 7QX33Z": "LT12AB QX98ZX 12KM77 45ZT98 Q7Z3X9 7Q3Z9X Q77ZX3 7QX33Z",
		"LT12AB QX98ZX 12KM77 45ZTZ8 Q7Z3X9 7Q3Z9X Q77ZX3 7QX33Z": removed,
		// Characters that are not written to their end.
		"100%": "100%", "5%4": "5%4", "&#x4": "&#x4", "&#6": "&#6", `\u00`: `\u00`, `\x4`: `\x4`, `\`: `\`,
	} {
		if got := Redact(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// A token is removed in pieces of two characters, and of a dozen different ones.
func TestATokenInPairsIsRemoved(t *testing.T) {
	t.Parallel()
	var pairs []string
	for i := 0; i+1 < len(token86); i += 2 {
		pairs = append(pairs, token86[i:i+2])
	}
	for _, text := range []string{strings.Join(pairs, " "), strings.Join(strings.Split(strings.Repeat("k3j9x0a8s7d2", 4), ""), " ")} {
		if got := Redact("found " + text); got != "found "+removed {
			t.Errorf("%q became %q", text, got)
		}
	}
	text := strings.Join(strings.Split(strings.Repeat("k3j9x0a8s7d", 4), ""), " ")
	if got := Redact(text); got != text {
		t.Errorf("%q became %q", text, got)
	}
}

// An id is spared, and a token beside it is not.
func TestATokenBesideAnIDIsRemoved(t *testing.T) {
	t.Parallel()
	const id = "6e61b501-d95a-56be-b87a-009ea80487d7"
	for text, want := range map[string]string{
		token86 + " of " + id:                            removed + " of " + id,
		id + " has " + token86:                           id + " has " + removed,
		id + " has " + token86 + ", " + id + " has none": id + " has " + removed + ", " + id + " has none",
	} {
		if got := Redact(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// A token without small letters is removed in pieces, too, if they are not built alike.
func TestATokenOfCapitalsInPiecesIsRemoved(t *testing.T) {
	t.Parallel()
	text := "7QK2M9XW4ZTR 8VB3NJ6HC5PDX 1FGY7SLA2EU9 KQX4MWT8ZRV3 2DJ7P0CX5BNQ"
	if got := Redact(text); got != removed {
		t.Errorf("%q became %q", text, got)
	}
}

// Neither do words that are written in these ways become tokens.
func TestWordsSpelledOtherwiseStay(t *testing.T) {
	t.Parallel()
	for name, other := range spellings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := spelled("the phone was lost on the train between Galway and Dublin yesterday", other)
			if strings.Contains(name, "spaces") || strings.Contains(name, "lines") || strings.Contains(name, "dots") {
				text = spelled("phonelostonthetrainbetweengalwayanddublinyesterday", other)
			}
			if got := Redact(text); got != text {
				t.Errorf("%q became %q", text, got)
			}
		})
	}
	for _, text := range []string{
		"https://example.com/search?q=lost%20phone%20in%20Galway&from=2026-03-01T00%3A00%3A00Z&name=%C3%A9amonn%20%C3%B3%20se",
		"50% of 120 calls, 100%ab, C:\\users\\x41, R&D, AT&amp;T and 3 &#60; 4", "ﬁve oﬃces™ №5 ①②③ ½ of x² at 20℃",
		"a b c d e f g h i j k l m n o p q r s t u v w x y z", "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0",
		"\xff\xfe\x80 is no text, nor is \xc3", "👩‍💻 👨‍👩‍👧‍👦 🇮🇪 and more of them", "Größe: e\u0301a\u0308 Szczepańska",
	} {
		if got := Redact(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, other := range spellings {
		f.Add("found", spelled(token86, other))
	}
	f.Add("plain", token86)
	f.Add("\xff\x80", "\u2028")
	f.Fuzz(func(t *testing.T, a, b string) {
		text := a + " " + b
		got := Redact(text)
		if !strings.Contains(got, removed) && got != text {
			t.Errorf("%q became %q", text, got)
		}
		if again := Redact(got); again != got {
			t.Errorf("%q becomes %q at the second time", got, again)
		}
	})
}

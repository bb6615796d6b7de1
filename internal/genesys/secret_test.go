package genesys

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// credential is what must come out nowhere. Its parts are looked for as well.
const credential = "tOkEn-5fL0w-secret-VALUE"

// leaks reports whether text holds the credential: as it is, in hex (%x of text
// or of bytes), in decimal bytes (%d), or quoted.
func leaks(text string) bool {
	hexed := hex.EncodeToString([]byte(credential))
	decimal := strings.Trim(fmt.Sprint([]byte(credential)), "[]")
	text = strings.ToLower(text)
	for _, form := range []string{credential, hexed[:16], decimal[:16]} {
		if strings.Contains(text, strings.ToLower(form)) {
			return true
		}
	}
	return false
}

type holder struct {
	Shown  Secret
	hidden Secret
}

// holders are the ways in which a secret is carried about.
func holders() map[string]any {
	s := NewSecret(credential)
	return map[string]any{
		"value":             s,
		"pointer":           &s,
		"struct":            holder{s, s},
		"pointer to struct": &holder{s, s},
		"nested":            struct{ inner struct{ h holder } }{struct{ h holder }{holder{s, s}}},
		"slice":             []Secret{s},
		"array in slice":    [][1]Secret{{s}},
		"map value":         map[string]Secret{"k": s},
		"map key":           map[Secret]int{s: 1},
		"interface":         []any{s, &s},
		"in an error":       fmt.Errorf("refreshing: %v", s),
	}
}

func TestSecretPrintsUnderNoVerb(t *testing.T) {
	t.Parallel()
	for name, v := range holders() {
		for _, flags := range []string{"", "+", "#", " ", "0", "-", "30", ".3", "# "} {
			for _, verb := range "vTtbcdoOqxXUeEfFgGspw?" {
				format := "%" + flags + string(verb)
				if text := fmt.Sprintf(format, v); leaks(text) {
					t.Errorf("%s under %s gives %s", name, format, text)
				}
			}
		}
		if text := fmt.Sprint(v) + fmt.Sprintln(v); leaks(text) {
			t.Errorf("%s printed gives %s", name, text)
		}
	}
}

func TestSecretSaysThatItIsOne(t *testing.T) {
	t.Parallel()
	s := NewSecret(credential)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(format, s); got != redacted {
			t.Errorf("%s gives %q, want %q", format, got, redacted)
		}
	}
	if got := s.String(); got != redacted {
		t.Errorf("String() = %q, want %q", got, redacted)
	}
}

func TestSecretIsNotEncoded(t *testing.T) {
	t.Parallel()
	for name, v := range holders() {
		var b bytes.Buffer
		encoded, _ := json.Marshal(v) // some holders cannot be encoded: then there is nothing to find
		b.Write(encoded)
		encoded, _ = xml.Marshal(v)
		b.Write(encoded)
		_ = gob.NewEncoder(&b).Encode(v)
		if leaks(b.String()) {
			t.Errorf("%s is encoded as %q", name, b.String())
		}
	}
	if got, err := json.Marshal(holder{Shown: NewSecret(credential)}); err != nil || string(got) != `{"Shown":"[secret]"}` {
		t.Errorf("json: %s, %v", got, err)
	}
}

func TestSecretIsNotLogged(t *testing.T) {
	t.Parallel()
	for name, v := range holders() {
		var text, structured bytes.Buffer
		options := &slog.HandlerOptions{Level: slog.LevelDebug}
		for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&text, options)), slog.New(slog.NewJSONHandler(&structured, options))} {
			log.Debug("m", "direct", v, slog.Group("g", slog.Any("grouped", v)))
			log.With("bound", v).WithGroup("h").Info("m", "again", v)
		}
		if leaks(text.String()) || leaks(structured.String()) {
			t.Errorf("%s is logged as %s%s", name, &text, &structured)
		}
	}
}

func TestSecretKeepsItsValue(t *testing.T) {
	t.Parallel()
	s := NewSecret(credential)
	if s.Reveal() != credential || s.IsZero() {
		t.Errorf("Reveal() = %q, IsZero() = %t", s.Reveal(), s.IsZero())
	}
	if s != NewSecret(strings.Clone(credential)) || s == NewSecret(credential+"x") {
		t.Error("secrets do not compare by their value")
	}
	var zero Secret
	if zero != NewSecret("") || !zero.IsZero() || zero.Reveal() != "" {
		t.Error("the zero value is not the absent secret")
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(credential))
	for _, c := range []struct{ secret, want string }{
		{credential, fmt.Sprintf("%x", sum)[:8]},
		{"abc", "ba7816bf"}, // FIPS 180-2, appendix B.1
		{"", ""},
	} {
		if got := NewSecret(c.secret).Fingerprint(); got != c.want {
			t.Errorf("fingerprint %q, want %q", got, c.want)
		}
	}
}

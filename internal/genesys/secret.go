package genesys

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// Secret holds a credential: an access token, a refresh token, a client secret.
// Whatever prints, logs or encodes it gets "[secret]"; only Reveal gives the
// value. The zero value is the absent secret. Secrets compare with ==.
type Secret struct {
	// A handle is a pointer to what reflection sees: fmt does not ask unexported
	// fields how they wish to be printed, nor anybody under %p.
	value unique.Handle[string]
}

const redacted = "[secret]"

// NewSecret wraps value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{unique.Make(value)}
}

// Reveal returns the credential itself. Its callers are the places where a
// token leaves for the platform or is sealed into a cookie, and no others.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.value.Value()
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s == Secret{} }

// Fingerprint identifies the secret without giving it away: the first 8 hex
// digits of its SHA-256, or "" for the zero value.
func (s Secret) Fingerprint() string {
	if s.IsZero() {
		return ""
	}
	sum := sha256.Sum256([]byte(s.Reveal()))
	return hex.EncodeToString(sum[:4])
}

// Format prints "[secret]" under every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String returns "[secret]".
func (s Secret) String() string { return redacted }

// LogValue logs "[secret]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText encodes "[secret]", so that JSON and XML hold nothing either.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

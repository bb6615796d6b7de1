package genesys

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
)

// Secret holds a credential: an access token, a refresh token, a client secret.
// Whatever prints, logs or encodes it gets "[secret]"; only Reveal gives the
// value. The zero value is the absent secret.
type Secret struct{ value string }

const redacted = "[secret]"

// NewSecret wraps value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the credential itself. Its callers are the places where a
// token leaves for the platform or is sealed into a cookie, and no others.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.value == "" }

// Fingerprint identifies the secret without giving it away: the first 8 hex
// digits of its SHA-256, or "" for the zero value.
func (s Secret) Fingerprint() string {
	if s.value == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s.value))
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

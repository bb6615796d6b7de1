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
// Printed, logged or encoded it is "[secret]"; only Reveal returns the value. The
// zero value is no secret. Secrets compare with ==.
type Secret struct {
	// A handle, because fmt ignores the methods of unexported fields, and all
	// methods under %p: it would print a string.
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

// Reveal returns the credential itself. Call it only where the credential is sent
// to the platform or sealed into a cookie.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.value.Value()
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s == Secret{} }

// Fingerprint identifies the secret without revealing it: the first 8 hex digits of
// its SHA-256, or "" for the zero value.
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

// MarshalText encodes "[secret]", so JSON and XML do not reveal the secret either.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
